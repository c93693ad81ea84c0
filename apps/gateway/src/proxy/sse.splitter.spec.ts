import fc from 'fast-check';
import { dataOf, SseSplitter } from './sse.splitter.js';

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

describe('SseSplitter', () => {
  it('finds the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat()), (list, cuts) => {
        const texts = list.map(({ data, newline }) => `: hi${newline}data: ${data}${newline}${newline}`);
        const splitter = new SseSplitter();
        const found = split(Buffer.from(texts.join('')), cuts).flatMap(chunk => splitter.push(chunk));
        expect(found.map(event => event.toString())).toEqual(texts);
        expect(found.map(event => dataOf(event)?.toString())).toEqual(list.map(({ data }) => data));
        expect(splitter.remainder()).toHaveLength(0);
      }),
    );
  });
  it('joins several lines of data, and finds none in a comment', () => {
    expect(dataOf(Buffer.from('data: a\ndata:b\n\n'))?.toString()).toBe('a\nb');
    expect(dataOf(Buffer.from(': ping\n\n'))).toBeUndefined();
  });
});
