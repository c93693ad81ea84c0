import fc from 'fast-check';
import { MultipartReader, type PartHead } from './multipart.reader.js';
import { SimulatorError } from './simulator.error.js';

const TYPE = 'multipart/form-data; boundary=----edge';

function read(body: Buffer, cuts: number[]): { head: PartHead; bytes: Buffer }[] {
  const parts: { head: PartHead; bytes: Buffer }[] = [];
  const reader = new MultipartReader(TYPE, {
    begin: head => void parts.push({ head, bytes: Buffer.alloc(0) }),
    data: bytes => {
      const part = parts.at(-1);
      if (part !== undefined) part.bytes = Buffer.concat([part.bytes, bytes]);
    },
  });
  const places = [0, ...cuts.map(cut => cut % (body.length + 1)).sort((a, b) => a - b), body.length];
  for (const [index, from] of places.entries()) reader.push(body.subarray(from, places[index + 1]));
  reader.end();
  return parts;
}

/** A file whose bytes look much like the boundary. */
const almost = fc.stringMatching(/^(?:\r|\n|-|----edg|e|\r\n------ed)*$/).map(text => Buffer.from(text));
const partOf = (name: string, bytes: Buffer, filename = '') =>
  Buffer.concat([
    Buffer.from(`------edge\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);

describe('a multipart reader', () => {
  it('reads the same parts wherever the chunks are cut', () => {
    fc.assert(
      fc.property(almost, fc.array(fc.nat(), { maxLength: 6 }), (bytes, cuts) => {
        fc.pre(!bytes.includes('------edge'));
        const body = Buffer.concat([
          partOf('model', Buffer.from('any')),
          partOf('file', bytes, '; filename="a.wav"'),
          Buffer.from('------edge--\r\n'),
        ]);
        const [model, file] = read(body, cuts);
        expect(model).toEqual({ head: { name: 'model' }, bytes: Buffer.from('any') });
        expect(file?.head).toEqual({ name: 'file', filename: 'a.wav' });
        expect(file?.bytes.equals(bytes)).toBe(true);
      }),
    );
  });

  it('refuses a form that ends early, has a nameless part or no boundary', () => {
    expect(() => read(partOf('model', Buffer.from('any')), [])).toThrow(SimulatorError);
    expect(() => read(Buffer.from('------edge\r\nx: y\r\n\r\n\r\n------edge--'), [])).toThrow(/no name/);
    expect(() => new MultipartReader('application/json', { begin: () => undefined, data: () => undefined })).toThrow(
      /boundary/,
    );
  });
});
