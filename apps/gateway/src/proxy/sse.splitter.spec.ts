import fc from 'fast-check';
import { dataOf } from './sse.event.js';
import { SseSplitter } from './sse.splitter.js';

const events = fc.array(
  fc.record({
    data: fc.string({ minLength: 1 }).map(text => text.replaceAll(/[\r\n]/g, '€')),
    newline: fc.constantFrom('\n', '\r\n'),
  }),
  { maxLength: 8 },
);

/** Cuts the bytes anywhere, also inside a character. */
function split(bytes: Buffer, cuts: number[]): Buffer[] {
  const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

/** A splitter, and what it has found. */
function begin(): { splitter: SseSplitter; found: Buffer[] } {
  const found: Buffer[] = [];
  return { splitter: new SseSplitter(event => found.push(event)), found };
}

describe('SseSplitter', () => {
  it('finds the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat()), (list, cuts) => {
        const texts = list.map(({ data, newline }) => `: hi${newline}data: ${data}${newline}${newline}`);
        const { splitter, found } = begin();
        for (const chunk of split(Buffer.from(texts.join('')), cuts)) splitter.push(chunk);
        expect(found.map(event => event.toString())).toEqual(texts);
        expect(found.map(event => dataOf(event)?.toString())).toEqual(list.map(({ data }) => data));
        expect(splitter.remainder()).toHaveLength(0);
      }),
    );
  });

  it('knows lines that end in a CR alone, and tells an event as soon as it is whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 4 }), cuts => {
        const texts = ['data: a\rdata: b\r\r', 'data: c\r\r'];
        const { splitter, found } = begin();
        for (const chunk of split(Buffer.from(texts.join('')), cuts)) splitter.push(chunk);
        expect(found.map(event => event.toString())).toEqual(texts);
        expect(found.map(event => dataOf(event)?.toString())).toEqual(['a\nb', 'c']);
      }),
    );
  });

  it('loses and changes no byte, whatever the bytes', () => {
    const bytes = fc.array(fc.constantFrom('\r', '\n', '\ufeff', 'data:', 'x', ':'), { maxLength: 30 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat()), (pieces, cuts) => {
        const text = pieces.join('');
        const { splitter, found } = begin();
        for (const chunk of split(Buffer.from(text), cuts)) splitter.push(chunk);
        expect(Buffer.concat([...found, splitter.remainder()]).toString()).toBe(text);
      }),
    );
  });

  it('takes in an event of 5 MB byte for byte, in many chunks', () => {
    const event = Buffer.from(`data: ${'x'.repeat(5 * 1024 * 1024)}\n\n`);
    const { splitter, found } = begin();
    for (let at = 0; at < event.length; at += 1000) splitter.push(event.subarray(at, at + 1000));
    expect(found).toHaveLength(1);
    expect(found[0]?.equals(event)).toBe(true);
  });

  it('hands on in pieces what never ends', () => {
    const { splitter, found } = begin();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 20; i++) splitter.push(chunk);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(piece => piece.length <= 9 * chunk.length)).toBe(true);
  });
});
