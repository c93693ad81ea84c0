import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer';
import { promptBoundOf, UNBOUNDED } from './prompt-bound.js';

const chatOf = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] });

describe('the bound of a prompt', () => {
  it('is never below what a tokenizer counts of its texts', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 8 }), texts => {
        const messages = texts.map(content => ({ role: 'user', content }));
        const rendered = texts.map(text => `<|im_start|>user\n${text}<|im_end|>\n`).join('');
        const counted = encode(rendered, { allowedSpecial: 'all' }).length;
        expect(promptBoundOf({ model: 'm', messages })).toBeGreaterThanOrEqual(counted);
      }),
    );
  });

  it('is close to the text where that is short', () => {
    expect(promptBoundOf(chatOf('Hello, how are you?'))).toBeLessThan(80);
  });

  it('counts a list of token ids by the list', () => {
    expect(promptBoundOf({ model: 'm', prompt: [1, 2, 3, 4] })).toBeGreaterThanOrEqual(4);
  });

  it('counts the descriptions of tools', () => {
    const tools = [{ type: 'function', function: { name: 'look_up', description: 'x'.repeat(500) } }];
    expect(promptBoundOf({ ...chatOf('hi'), tools })).toBeGreaterThan(500);
  });

  it.each([
    chatOf([{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]),
    chatOf([{ type: 'input_audio', input_audio: { data: '' } }]),
    { model: 'm', input: 'go on', previous_response_id: 'resp_1' },
    { model: 'm', input: 'look', tools: [{ type: 'web_search' }] },
    { model: 'm', prompt: { id: 'pmpt_1' } },
  ])('is none where the upstream alone knows the size: %j', body => {
    expect(promptBoundOf(body)).toBe(UNBOUNDED);
  });

  it('is told of a body that is nested deeper than calls can be', () => {
    const body = JSON.parse(`{"model":"m","input":${'['.repeat(20_000)}${']'.repeat(20_000)}}`) as Record<
      string,
      unknown
    >;
    expect(promptBoundOf(body)).toBeGreaterThanOrEqual(20_000);
  });
});
