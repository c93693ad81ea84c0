import fc from 'fast-check';
import { topLevelMembers, withMember, withoutMember } from './json-members.js';

const objects = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
const spaced = fc.constantFrom(undefined, 1, 2, '\t');

describe('the top level of a JSON object', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(objects, spaced, (object, indent) => {
        const bytes = Buffer.from(JSON.stringify(object, null, indent));
        const members = topLevelMembers(bytes) ?? [];
        const read = members.map(({ key, valueStart, valueEnd }) => [
          key,
          JSON.parse(bytes.toString('utf8', valueStart, valueEnd)),
        ]);
        expect(read).toEqual(Object.entries(JSON.parse(bytes.toString()) as object));
      }),
    );
  });
  it('takes a member, in place or at the end, and keeps the rest', () => {
    fc.assert(
      fc.property(objects, fc.string(), fc.jsonValue(), spaced, (object, key, value, indent) => {
        fc.pre(key !== '__proto__' && !('__proto__' in object));
        const edited = withMember(Buffer.from(JSON.stringify(object, null, indent)), key, JSON.stringify(value));
        expect(JSON.parse(edited.toString())).toEqual(JSON.parse(JSON.stringify({ ...object, [key]: value })));
      }),
    );
  });
  it('loses a member with its comma, and keeps the rest byte for byte', () => {
    fc.assert(
      fc.property(objects, fc.jsonValue(), (object, usage) => {
        fc.pre(!('__proto__' in object) && !('usage' in object));
        const kept = JSON.stringify(object);
        const bytes = withMember(Buffer.from(kept), 'usage', JSON.stringify(usage));
        expect(withoutMember(bytes, 'usage').toString()).toBe(kept);
      }),
    );
  });
  it.each(['', '[]', '{', '{"a"', '{"a":', '{"a":}', '{"a":1', '{"a":1,}', '{a:1}', 'null', '{"\\x":1}'])(
    'is not found in %s',
    text => {
      expect(topLevelMembers(Buffer.from(text))).toBeUndefined();
    },
  );
  it('does not die of any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), bytes => void topLevelMembers(Buffer.from(bytes))));
  });
});
