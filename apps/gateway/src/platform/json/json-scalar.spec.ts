import fc from 'fast-check';
import { endOfStrictString, isBareScalar, jsonValueAt } from './json-scalar.js';
import { type JsonSink, scanJsonObject } from './json-scan.js';

const NOBODY: JsonSink = { enter: () => false, string: () => undefined, member: () => undefined };

/** What JSON.parse makes of a text; nothing where it refuses it. */
function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Texts that are nearly JSON. */
const scraps = fc.constantFrom(
  ...'{}[],:"\\-+.eE0159 \n\t',
  ...[
    'true',
    'false',
    'null',
    'tru',
    '"a"',
    '"a":',
    '\\u00e9',
    '\\u00g0',
    '\\n',
    '\\x',
    '1e5',
    '01',
    '-0',
    '\u0001',
    'é',
  ],
);
const nearly = fc.array(scraps, { maxLength: 12 }).map(parts => parts.join(''));
const mangled = fc
  .tuple(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), fc.nat(), scraps)
  .map(([object, at, scrap]) => {
    const text = JSON.stringify(object);
    const place = at % (text.length + 1);
    return text.slice(0, place) + scrap + text.slice(place + 1);
  });

describe('JSON that is read where it stands', () => {
  it('is an object to a strict scan just where it is one to JSON.parse', () => {
    const check = (text: string): void => {
      const bytes = Buffer.from(text);
      const end = scanJsonObject(bytes, 0, NOBODY, true);
      const isWhole = end !== -1 && bytes.toString('utf8', end).trim() === '';
      const read = parsed(text);
      expect(isWhole).toBe(read !== undefined && isObject(read.value));
    };
    fc.assert(
      fc.property(
        fc.oneof(
          mangled,
          nearly.map(text => `{${text}}`),
          nearly,
        ),
        check,
      ),
      { numRuns: 5000 },
    );
  });
  it('has the values that JSON.parse gives it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.integer({ min: 0 }), fc.string()), value => {
        const bytes = Buffer.from(JSON.stringify(value));
        expect(jsonValueAt(bytes, 0, bytes.length)).toEqual(JSON.parse(bytes.toString()));
      }),
    );
  });
  it('has numbers and literals that JSON.parse takes, and no others', () => {
    fc.assert(
      fc.property(nearly, text => {
        const bytes = Buffer.from(text);
        const read = parsed(text);
        const expected =
          read !== undefined && text === text.trim() && typeof read.value !== 'string' && !/[[{]/.test(text);
        expect(isBareScalar(bytes, 0, bytes.length)).toBe(expected);
      }),
    );
  });
  it('has strings that end where JSON.parse has them end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const bytes = Buffer.from(JSON.stringify(text));
        expect(endOfStrictString(bytes, 1)).toBe(bytes.length - 1);
      }),
    );
  });
});
