import fc from 'fast-check';
import { StreamTap } from './stream.tap.js';

const chunk = (text: string, usage?: unknown) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: text } }], ...(usage === undefined ? {} : { usage }) })}\n\n`;
const usageOf = (output: number) => ({ prompt_tokens: 3, total_tokens: 3 + output, completion_tokens: output });
const last = (output: number) => `data: ${JSON.stringify({ id: 'c', choices: [], usage: usageOf(output) })}\n\n`;

function pass(text: string, wish: { include: boolean; continuous: boolean }, cuts: number[]) {
  const tap = new StreamTap(wish);
  const bytes = Buffer.from(text);
  const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const parts = [0, ...at].map((from, index) => tap.push(bytes.subarray(from, at[index] ?? bytes.length)));
  return {
    tap,
    passed: parts.map(part => part.bytes.toString()).join(''),
    final: parts.map(part => part.final.toString()).join(''),
  };
}

describe('StreamTap', () => {
  const texts = fc.array(fc.string(), { minLength: 1, maxLength: 6 });

  it('passes to a client that did not ask just what an upstream sends that was not asked', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), fc.boolean(), (list, cuts, continuous) => {
        const asked = list.map((text, index) => chunk(text, continuous ? usageOf(index) : null)).join('');
        const { tap, passed, final } = pass(
          `${asked}${last(list.length)}data: [DONE]\n\n`,
          { include: false, continuous: false },
          cuts,
        );
        expect(passed).toBe(list.map(text => chunk(text)).join(''));
        expect(final).toBe('data: [DONE]\n\n');
        expect(tap.usage()).toMatchObject({ inputTokens: 3, outputTokens: list.length });
      }),
    );
  });
  it('leaves the usage chunk to a client that asked, and no other usage', () => {
    const { passed } = pass(chunk('a', usageOf(1)) + last(1), { include: true, continuous: false }, []);
    expect(passed).toBe(chunk('a', null) + last(1));
  });
  it('knows the last usage of a stream that was cut', () => {
    const { tap } = pass(
      chunk('a', usageOf(1)) + chunk('b', usageOf(2)),
      { include: false, continuous: false },
      [5, 50],
    );
    expect(tap.usage()).toMatchObject({ outputTokens: 2 });
  });
  it('is not misled by a text that speaks of usage or of the end', () => {
    const text = chunk('"usage": [DONE]');
    expect(pass(text, { include: false, continuous: false }, []).passed).toBe(text);
  });
});
