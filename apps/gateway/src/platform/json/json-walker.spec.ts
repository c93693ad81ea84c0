import fc from 'fast-check';
import { JsonWalker, type JsonVisitor } from './json-walker.js';

/** Builds the value that the tokens describe. */
class Builder implements JsonVisitor {
  value: unknown;
  private readonly open_: { container: unknown[] | Record<string, unknown>; key: string }[] = [];

  key(bytes: Buffer, start: number, end: number): void {
    const top = this.open_.at(-1);
    if (top !== undefined) top.key = JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
  }

  scalar(bytes: Buffer, start: number, end: number, depth: number): void {
    expect(depth).toBe(this.open_.length);
    this.put(JSON.parse(bytes.toString('utf8', start, end)));
  }

  open(bytes: Buffer, start: number, isObject: boolean, depth: number): void {
    expect(depth).toBe(this.open_.length);
    expect(String.fromCharCode(bytes[start] ?? 0)).toBe(isObject ? '{' : '[');
    const container = isObject ? {} : [];
    this.put(container);
    this.open_.push({ container, key: '' });
  }

  close(bytes: Buffer, end: number, isObject: boolean, depth: number): void {
    expect(String.fromCharCode(bytes[end - 1] ?? 0)).toBe(isObject ? '}' : ']');
    this.open_.pop();
    expect(depth).toBe(this.open_.length);
  }

  private put(value: unknown): void {
    const top = this.open_.at(-1);
    if (top === undefined) this.value = value;
    else if (Array.isArray(top.container)) top.container.push(value);
    else Object.defineProperty(top.container, top.key, { value, enumerable: true, configurable: true, writable: true });
  }
}

function read(bytes: Buffer, stepBytes: number): { value: unknown; isWhole: boolean; steps: number } {
  const builder = new Builder();
  const walker = new JsonWalker(bytes, builder);
  let steps = 1;
  while (!walker.step(stepBytes)) steps++;
  return { value: builder.value, isWhole: walker.isWhole, steps };
}

const stepBytes = fc.constantFrom(1, 2, 7, 1000);

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('a walk through a JSON text', () => {
  it('meets what JSON.parse reads, whatever the length of its steps', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), stepBytes, (value, indent, length) => {
        const text = JSON.stringify(value, null, indent);
        const { value: met, isWhole } = read(Buffer.from(text), length);
        expect(isWhole).toBe(true);
        expect(met).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts exactly the texts that JSON.parse accepts', () => {
    const pieces = fc.constantFrom(
      ...'{}[],:"\\ 01-+.eEtrufalsn/\t\u0001é',
      'true',
      'null',
      '"a"',
      '\\u00e9',
      '\\x',
      '1e5',
    );
    const mangled = fc
      .tuple(fc.jsonValue(), fc.nat(), fc.nat(3), fc.array(pieces, { maxLength: 3 }))
      .map(([value, at, removed, added]) => {
        const text = [...JSON.stringify(value)];
        text.splice(at % (text.length + 1), removed, ...added);
        return text.join('');
      });
    const texts = fc.oneof(
      mangled,
      fc.array(pieces, { maxLength: 12 }).map(all => all.join('')),
    );
    fc.assert(
      fc.property(texts, stepBytes, (text, length) => {
        expect(read(Buffer.from(text), length).isWhole).toBe(isJson(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('takes steps of about the length that is asked for, in strings and white space too', () => {
    for (const text of [`"${'x'.repeat(9998)}"`, `${' '.repeat(9999)}1`, `"${'\\u0041'.repeat(1666)}"`])
      expect(read(Buffer.from(text), 100).steps).toBeGreaterThanOrEqual(90);
  });

  it('refuses deeper nesting than 128 levels, and longer numbers than 4096 bytes', () => {
    const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(read(nested(128), 1000).isWhole).toBe(true);
    expect(read(nested(129), 1000).isWhole).toBe(false);
    expect(read(Buffer.from('1'.repeat(4096)), 1000).isWhole).toBe(true);
    expect(read(Buffer.from('1'.repeat(4097)), 1000).isWhole).toBe(false);
  });
});
