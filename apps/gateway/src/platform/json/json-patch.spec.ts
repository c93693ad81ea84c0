import fc from 'fast-check';
import { patchedObject, type ObjectLayout } from './json-patch.js';
import { topLevelMembers } from './json-members.js';

const layoutOf = (bytes: Buffer): ObjectLayout => {
  const members = topLevelMembers(bytes) ?? [];
  const places = Object.fromEntries(
    members.map(({ key, valueStart, valueEnd }) => [key, { start: valueStart, end: valueEnd }]),
  );
  return { places, closeAt: bytes.lastIndexOf('}'), isEmpty: members.length === 0 };
};

const names = fc.constantFrom('model', 'stream', 'max_tokens', 'n', 'messages');

describe('a patched JSON object', () => {
  it('has the changed members, and all others as they were', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.jsonValue()),
        fc.dictionary(names, fc.jsonValue(), { minKeys: 1 }),
        fc.constantFrom(undefined, 2),
        (object, changes, indent) => {
          const bytes = Buffer.from(JSON.stringify(object, null, indent));
          const patched = patchedObject(
            bytes,
            layoutOf(bytes),
            Object.entries(changes).map(([name, value]) => [name, JSON.stringify(value)] as const),
          );
          expect(JSON.parse(patched.toString())).toEqual(JSON.parse(JSON.stringify({ ...object, ...changes })));
          expect(patched.buffer.byteLength).toBe(patched.length);
        },
      ),
    );
  });

  it('is the same bytes where nothing changes', () => {
    const bytes = Buffer.from('{"model":"m"}');
    expect(patchedObject(bytes, layoutOf(bytes), [])).toBe(bytes);
  });

  it('keeps the bytes of what is not changed', () => {
    const bytes = Buffer.from('{ "n" : 1.0e0,"model":"a" , "x": "\\u0041" }');
    const patched = patchedObject(bytes, layoutOf(bytes), [
      ['model', '"b"'],
      ['stream', 'true'],
    ]);
    expect(patched.toString()).toBe('{ "n" : 1.0e0,"model":"b" , "x": "\\u0041" ,"stream":true}');
  });
});
