import fc from 'fast-check';
import { LongRenaming } from './long.renaming.js';

function pass(text: string, cuts: number[], asked: string): string {
  const renaming = new LongRenaming(Buffer.from(JSON.stringify(asked)));
  const bytes = Buffer.from(text);
  const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const parts = [0, ...at].map((from, index) => renaming.pass(bytes.subarray(from, at[index] ?? bytes.length)));
  return Buffer.concat(parts).toString();
}

describe('the renaming of a long answer', () => {
  it('changes the outermost name of the model alone, wherever the pieces are cut', () => {
    const members = fc.dictionary(
      fc.string().filter(key => key !== 'model' && key !== '__proto__'),
      fc.oneof(fc.jsonValue(), fc.record({ model: fc.string() })),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(
        members,
        members,
        fc.string({ unit: 'binary' }),
        fc.string({ minLength: 1 }),
        fc.array(fc.nat()),
        (before, after, name, asked, cuts) => {
          const answer = (model: string): string => {
            const all = [...Object.entries(before), ['model', model] as const, ...Object.entries(after)];
            return `{${all.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',')}}`;
          };
          expect(pass(answer(name), cuts, asked)).toBe(answer(asked));
        },
      ),
    );
  });
  it.each([
    '{"model":null,"a":"model"}',
    '{"a":["model"],"b":{"model":"x"}}',
    '{"a":"model","b":"c"}',
    '["model","x"]',
  ])('leaves %s alone', text => {
    expect(pass(text, [], 'mine')).toBe(text);
  });
});
