import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { RelayedText } from '../relayed.text.js';
import { countOrder } from './token-count.order.js';

const bytesOf = (body: object) => Buffer.from(JSON.stringify(body));

describe('the count of an exchange', () => {
  it('is that of its prompt and of its text, as each was written', () => {
    const text = new RelayedText(() => Promise.resolve(undefined));
    const inside = Buffer.from(JSON.stringify('Hello "you" 😀\n\u00e9'));
    text.add('answer', inside, 1, inside.length - 1);
    const prompt = bytesOf({ messages: [{ role: 'user', content: 'Hello, how are you?' }] });
    expect(countOrder({ model: 'x', prompt, text: text.take() }, countTokens)).toEqual({
      inputTokens: 9,
      outputTokens: countTokens('Hello "you" 😀\n\u00e9'),
      reasoningTokens: 0,
    });
  });

  it('tells reasoning apart, which is part of the output', () => {
    const text = new RelayedText(() => Promise.resolve(undefined));
    text.add('reasoning', Buffer.from('Let me think'), 0, 12);
    text.add('answer', Buffer.from('Hello'), 0, 5);
    expect(countOrder({ model: 'x', text: text.take() }, countTokens)).toEqual({
      inputTokens: undefined,
      outputTokens: 4,
      reasoningTokens: 3,
    });
  });

  it('has no input where the prompt is no text', () => {
    const prompt = bytesOf({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] });
    expect(countOrder({ model: 'x', prompt, text: Buffer.alloc(0) }, countTokens).inputTokens).toBeUndefined();
  });
});
