import fc from 'fast-check';
import { type JsonSink, scanJsonObject } from './json-scan.js';

interface Told {
  members: [string, unknown][];
  strings: [string, string][];
}

/** Everything that is told of an object, where the members named are entered. */
function scan(bytes: Buffer, entered: (key: string) => boolean = () => true): Told & { end: number } {
  const told: Told = { members: [], strings: [] };
  const parse = (from: number, to: number): unknown => JSON.parse(bytes.toString('utf8', from, to));
  const sink: JsonSink = {
    enter: (_bytes, start, end) => entered(parse(start - 1, end + 1) as string),
    string: (_bytes, keyStart, keyEnd, start, end) =>
      void told.strings.push([parse(keyStart - 1, keyEnd + 1) as string, parse(start - 1, end + 1) as string]),
    member: (_bytes, keyStart, keyEnd, start, end) =>
      void told.members.push([parse(keyStart - 1, keyEnd + 1) as string, parse(start, end)]),
  };
  return { ...told, end: scanJsonObject(bytes, 0, sink) };
}

function stringMembers(value: unknown, into: [string, string][] = []): [string, string][] {
  if (Array.isArray(value)) for (const element of value) stringMembers(element, into);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === 'string') into.push([key, member]);
      else stringMembers(member, into);
    }
  return into;
}

const objects = fc.dictionary(
  fc.string(),
  fc.oneof(fc.jsonValue(), fc.string({ minLength: 60, maxLength: 90, unit: fc.constantFrom('\\', '"', 'a') })),
  { maxKeys: 6 },
);
const spaced = fc.constantFrom(undefined, 1, '\t');

describe('a scan of a JSON object', () => {
  it('tells its members, and the strings below those that are entered, as JSON.parse reads them', () => {
    fc.assert(
      fc.property(objects, spaced, fc.boolean(), (object, indent, enter) => {
        const bytes = Buffer.from(JSON.stringify(object, null, indent));
        const { members, strings, end } = scan(bytes, () => enter);
        const read = JSON.parse(bytes.toString()) as object;
        expect(members).toEqual(Object.entries(read));
        expect(strings).toEqual(enter ? Object.values(read).flatMap(value => stringMembers(value)) : []);
        expect(end).toBe(bytes.length);
      }),
    );
  });
  it.each(['', '[]', '{', '{"a"', '{"a":', '{"a":}', '{"a":1', '{"a":1,}', '{a:1}', 'null', '{"a":[1,]}', '{"a":[1}'])(
    'finds no whole object in %s',
    text => {
      expect(scan(Buffer.from(text)).end).toBe(-1);
    },
  );
  it('does not die of any bytes, nor of any depth', () => {
    const sink: JsonSink = { enter: () => true, string: () => undefined, member: () => undefined };
    fc.assert(fc.property(fc.uint8Array(), bytes => void scanJsonObject(Buffer.from(bytes), 0, sink)));
    expect(scanJsonObject(Buffer.from(`{"a":${'['.repeat(100_000)}`), 0, sink)).toBe(-1);
  });
});
