import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer';
import { endpointAt } from './endpoint.js';
import { readModelRequest } from './model-request.js';
import { UNBOUNDED } from './prompt-bound.js';

const boundOf = async (body: unknown, path = 'chat/completions'): Promise<number> =>
  (await readModelRequest(Buffer.from(JSON.stringify(body)), { endpoint: endpointAt(path), strict: true })).promptBound;

const chatOf = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] });

describe('the bound of a prompt', () => {
  it('is never below what a tokenizer counts of its texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 8 }), async texts => {
        const messages = texts.map(content => ({ role: 'user', content }));
        const rendered = texts.map(text => `<|im_start|>user\n${text}<|im_end|>\n`).join('');
        const counted = encode(rendered, { allowedSpecial: 'all' }).length;
        expect(await boundOf({ model: 'm', messages })).toBeGreaterThanOrEqual(counted);
      }),
    );
  });

  it('is close to the text where that is short', async () => {
    expect(await boundOf(chatOf('Hello, how are you?'))).toBeLessThan(80);
  });

  it('counts a list of token ids by the list', async () => {
    expect(await boundOf({ model: 'm', prompt: [1, 2, 3, 4] })).toBeGreaterThanOrEqual(4);
  });

  it('counts a number with an exponent by the longest text that a server may make of it', async () => {
    const bytes = Buffer.from('{"model":"m","messages":[1e20,1E-300]}');
    const { promptBound } = await readModelRequest(bytes, { endpoint: endpointAt('chat/completions'), strict: true });
    expect(promptBound).toBeGreaterThanOrEqual(String(1e20).length + String(1e-300).length);
  });

  it('counts the descriptions of tools', async () => {
    const tools = [{ type: 'function', function: { name: 'look_up', description: 'x'.repeat(500) } }];
    expect(await boundOf({ ...chatOf('hi'), tools })).toBeGreaterThan(500);
  });

  it('counts nothing of members that are no part of a prompt', async () => {
    const bound = await boundOf(chatOf('hi'));
    expect(await boundOf({ ...chatOf('hi'), metadata: { note: 'x'.repeat(500) }, stop: ['y'.repeat(100)] })).toBe(
      bound,
    );
  });

  it.each([
    chatOf([{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]),
    chatOf([{ type: 'input_audio', input_audio: { data: '' } }]),
    { model: 'm', input: 'go on', previous_response_id: 'resp_1' },
    { model: 'm', input: 'look', tools: [{ type: 'web_search' }] },
    { model: 'm', prompt: { id: 'pmpt_1' } },
  ])('is none where the upstream alone knows the size: %j', async body => {
    expect(await boundOf(body)).toBe(UNBOUNDED);
  });

  it('is the same for a body that is read in steps', async () => {
    const padded = { ...chatOf('hi'), metadata: { note: 'x'.repeat(1_000_000) } };
    expect(await boundOf(padded)).toBe(await boundOf(chatOf('hi')));
  });
});
