import { promptOf } from './prompt.texts.js';

describe('the prompt of a request', () => {
  it('is the text of its messages, with what a template writes around each', () => {
    expect(
      promptOf({
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hello' },
              { type: 'text', text: ' you' },
            ],
          },
          { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
          { role: 'tool', content: 'done' },
        ],
        tools: [{ type: 'function' }],
      }),
    ).toEqual({
      texts: ['Be brief.', 'Hello', ' you', '{"name":"f","arguments":"{}"}', 'done', '[{"type":"function"}]'],
      tokens: 12,
    });
  });

  it('is one text, several, or token ids, which count one each', () => {
    expect(promptOf({ prompt: 'Once' })).toEqual({ texts: ['Once'], tokens: 0 });
    expect(promptOf({ prompt: ['Once', 'upon'] })).toEqual({ texts: ['Once', 'upon'], tokens: 0 });
    expect(promptOf({ prompt: [1, 2, 3] })).toEqual({ texts: [], tokens: 3 });
    expect(promptOf({ input: [[1, 2], [3]] })).toEqual({ texts: [], tokens: 3 });
  });

  it('is read in the words of Responses and of Messages too', () => {
    expect(
      promptOf({
        instructions: 'Be brief.',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
          { type: 'function_call_output', output: 'done' },
        ],
      }),
    ).toEqual({ texts: ['Be brief.', 'Hello', 'done'], tokens: 6 });
    expect(
      promptOf({
        system: [{ type: 'text', text: 'Be brief.' }],
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: { a: 1 } }] },
          { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'done' }] }] },
        ],
      }),
    ).toEqual({ texts: ['Be brief.', '{"a":1}', 'done'], tokens: 6 });
  });

  it('cannot be counted where it holds an image or a sound', () => {
    for (const type of ['image_url', 'input_audio', 'image', 'input_file'])
      expect(promptOf({ messages: [{ role: 'user', content: [{ type }] }] })).toBeUndefined();
  });

  it('does not die of a body of any other shape', () => {
    for (const body of [null, 1, 'x', [], { messages: 1, prompt: {}, input: null, tools: 'x' }]) promptOf(body);
  });
});
