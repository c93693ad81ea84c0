import fc from 'fast-check';
import { boundaryOf } from './boundary.js';
import { type FormPiece, FormScanner } from './form.scanner.js';

const BOUNDARY = 'xYz';
const field = (name: string, value: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (bytes: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a (b).mp3"\r\n` +
  `Content-Type: audio/mpeg\r\n\r\n${bytes}\r\n`;
const END = `--${BOUNDARY}--\r\n`;

/** Reads a form in chunks that end at the offsets. */
function scan(form: Buffer, ends: number[] = []): FormPiece[] {
  const scanner = new FormScanner(BOUNDARY, new Set(['model', 'stream']));
  const offsets = [0, ...[...ends].sort((a, b) => a - b), form.length];
  const pieces = offsets.slice(1).flatMap((end, index) => scanner.push(form.subarray(offsets[index], end)));
  scanner.end();
  return [...pieces, scanner.rest()];
}

const scanText = (form: string, ends?: number[]): FormPiece[] => scan(Buffer.from(form, 'latin1'), ends);
const written = (pieces: FormPiece[], model?: string): string =>
  Buffer.concat(
    pieces.map(piece =>
      Buffer.isBuffer(piece) ? piece : piece.name === 'model' && model !== undefined ? Buffer.from(model) : piece.value,
    ),
  ).toString('latin1');
const fieldsOf = (pieces: FormPiece[]): string[][] =>
  pieces.flatMap(piece => (Buffer.isBuffer(piece) ? [] : [[piece.name, piece.value.toString()]]));

describe('a form', () => {
  it('tells the fields that were asked for, wherever they stand', () => {
    const form = file('before') + field('model', 'whisper') + field('language', 'de') + field('stream', 'true') + END;
    expect(fieldsOf(scanText(form))).toEqual([
      ['model', 'whisper'],
      ['stream', 'true'],
    ]);
  });

  it('passes on byte for byte, but for a model that is named otherwise', () => {
    const form = file('\r\n--xY\r\n-\r') + field('model', 'whisper') + END;
    expect(written(scanText(form))).toBe(form);
    expect(written(scanText(form), 'served/large')).toBe(form.replace('whisper', 'served/large'));
  });

  it('is the same in whatever pieces it comes', () => {
    const bytes = fc.array(fc.constantFrom('\r', '\n', '-', 'x', 'Y', 'z', '\x00', '\xff'), { maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.array(fc.nat(400), { maxLength: 30 }), (content, first, ends) => {
        const text = content.join('');
        fc.pre(!text.includes(`--${BOUNDARY}`));
        const parts = [file(text), field('model', 'm')];
        const form = (first ? parts : parts.reverse()).join('') + END;
        const pieces = scanText(
          form,
          ends.map(end => Math.min(end, form.length)),
        );
        expect(written(pieces)).toBe(form);
        expect(fieldsOf(pieces)).toEqual([['model', 'm']]);
      }),
    );
  });

  const disposed = (disposition: string): string =>
    `--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\n\r\nm\r\n${END}`;

  it.each([
    ['the model twice', field('model', 'a') + field('model', 'b') + END],
    ['a mark without the end of a line before it', field('model', 'a') + file(`x--${BOUNDARY}`) + END],
    ['a mark behind half an end of a line', field('model', 'a') + file(`x\n--${BOUNDARY}\nContent`) + END],
    ['something before its first part', `preamble\r\n${field('model', 'a')}${END}`],
    ['something after its end', `${field('model', 'a')}${END}${field('model', 'b')}`],
    ['no end', field('model', 'a')],
    ['nothing', ''],
    ['a value that is too long', field('model', 'a'.repeat(2000)) + END],
    ['a name with escapes', disposed('form-data; name="mo\\del"')],
    ['a parameter that nobody knows', disposed('form-data; x="a\\\\"; name=y; z="; name=model; w="')],
    ['another parameter', disposed('form-data; name="file"; size=3')],
    ['a backslash in a filename', disposed('form-data; name="file"; filename="a\\b"')],
    ['an encoded word in a filename', disposed('form-data; name="file"; filename="=?utf-8?q?a=22?="')],
    ['a filename in another charset', disposed("form-data; name=file; filename*=utf-7''a")],
    ['a filename twice', disposed('form-data; name=file; filename=a; filename=b')],
    ['the model as a file', disposed('form-data; name="model"; filename="a"')],
    ['the model in another case', field('model', 'a') + field('Model', 'b') + END],
    ['a field that sets the charset', field('_charset_', 'punycode') + field('model', 'a') + END],
    [
      'parts in another charset',
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nm\r\n${END}`,
    ],
    [
      'parts within a part',
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\nm\r\n${END}`,
    ],
    ['more than a thousand parts', field('a', 'b').repeat(1001) + END],
    ['a header of more than 1 KiB', disposed(`form-data; name="model"${' '.repeat(1024)}`)],
    ['a name with percents', disposed('form-data; name="m%6fdel"')],
    ['a name in another charset', disposed("form-data; name*=utf-8''model")],
    ['two names', disposed('form-data; name="a"; name="model"')],
    ['no name', disposed('form-data; filename="model"')],
    ['another disposition', disposed('attachment; name="model"')],
    [
      'an encoding',
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64\r\n\r\nbQ==\r\n${END}`,
    ],
    ['a folded header', `--${BOUNDARY}\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\nm\r\n${END}`],
    ['a header that does not end', `--${BOUNDARY}\r\nContent-Disposition: ${'x'.repeat(20_000)}`],
  ])('is refused with %s', (_what, form) => {
    expect(() => scanText(form)).toThrow(expect.objectContaining({ status: 400 }) as Error);
    const everyByte = [...form].map((_, index) => index);
    expect(() => scanText(form, everyByte)).toThrow(expect.objectContaining({ status: 400 }) as Error);
  });
});

describe('a head of a part', () => {
  it('is written anew, without what has no meaning', () => {
    const head = 'content-disposition:FORM-DATA;  NAME=model\r\nX-Other: 1\r\ncontent-transfer-encoding: binary';
    expect(written(scanText(`--${BOUNDARY}\r\n${head}\r\n\r\nm\r\n${END}`))).toBe(field('model', 'm') + END);
  });

  it('keeps the name of a file and its type', () => {
    const head =
      'Content-Disposition: form-data; name="file"; filename="é.txt"; filename*=UTF-8\'\'%C3%A9.txt\r\nContent-Type: text/plain; charset=utf-8';
    const form = `--${BOUNDARY}\r\n${head}\r\n\r\nm\r\n${field('model', 'm')}${END}`;
    expect(Buffer.from(written(scan(Buffer.from(form))), 'latin1').toString()).toBe(form);
  });
});

describe('a form without a model', () => {
  it('is given the one that is to be added, at its end', () => {
    const scanner = new FormScanner(BOUNDARY, new Set(['model', 'stream']), { model: 'ear' });
    const pieces = scanner.push(Buffer.from(file('x') + END, 'latin1'));
    scanner.end();
    expect(written([...pieces, scanner.rest()])).toBe(file('x') + field('model', 'ear') + END);
    expect(fieldsOf(pieces)).toEqual([['model', 'ear']]);
  });

  it('is not given another where it has one', () => {
    const scanner = new FormScanner(BOUNDARY, new Set(['model', 'stream']), { model: 'ear' });
    expect(fieldsOf(scanner.push(Buffer.from(field('model', 'other') + END)))).toEqual([['model', 'other']]);
  });
});

describe('the boundary', () => {
  it.each([
    ['multipart/form-data; boundary=----WebKitFormBoundary7MA4', '----WebKitFormBoundary7MA4'],
    ['multipart/form-data; boundary="a b"', 'a b'],
    ['multipart/form-data; boundary=x; charset="UTF-8"', 'x'],
    ['multipart/form-data; charset=utf-8; boundary=x', 'x'],
    ['Multipart/Form-Data;boundary=x; charset=utf-8', 'x'],
  ])('is read from %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });

  it.each(['charset=punycode; boundary=x', 'boundary=x; charset=utf-16', 'boundary=x; charset="iso-8859-1"'])(
    'is refused of a form in another charset: %s',
    parameters => {
      expect(() => boundaryOf(`multipart/form-data; ${parameters}`)).toThrow('send utf-8 or us-ascii');
    },
  );

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary="a',
    'multipart/form-data; boundary=a b',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/mixed; boundary=x',
  ])('is none of %s', type => {
    expect(boundaryOf(type)).toBeUndefined();
  });
});
