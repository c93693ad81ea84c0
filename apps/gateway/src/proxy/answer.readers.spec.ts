import { type AnswerReader } from './answer.reader.js';
import { readerOf } from './answer.readers.js';
import { REASONING_BREAK, RelayedText, TEXT_BREAK } from './relayed.text.js';

const BREAK = String.fromCharCode(TEXT_BREAK);
const BREAK_TO_REASONING = String.fromCharCode(REASONING_BREAK);

function reading(endpoint: string): {
  reader: AnswerReader;
  read: (...events: object[]) => string[];
  text: () => string;
} {
  const text = new RelayedText(() => Promise.resolve(undefined));
  const reader = readerOf({ path: endpoint, output: 'text' }, text, 'mine');
  return {
    reader,
    read: (...events) => events.map(event => reader.read(Buffer.from(JSON.stringify(event)))),
    text: () => text.take().toString().replaceAll(BREAK, '|').replaceAll(BREAK_TO_REASONING, '?'),
  };
}

describe('a streamed chat', () => {
  it('has text in its content, its reasoning and its tool calls, each kind apart', () => {
    const { reader, read, text } = reading('chat/completions');
    const delta = (fields: object) => ({ choices: [{ index: 0, delta: fields, finish_reason: null }] });
    read(
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'Let', reasoning: 'Let' }),
      delta({ reasoning_content: ' me' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo\n"you"' }),
      delta({ tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
    );
    expect(reader.usage()).toBeUndefined();
    expect(text()).toBe('?Let me|Hello\\n\\"you\\"|f{\\"a\\":1}');
  });

  it('is known by its last report, and by the text that came after it', () => {
    const { reader, read, text } = reading('chat/completions');
    read(
      { choices: [{ delta: { content: 'one' } }], usage: { prompt_tokens: 9, completion_tokens: 1 } },
      { usage: { prompt_tokens: 9, completion_tokens: 2 }, choices: [{ delta: { content: 'two' } }] },
    );
    expect(reader.usage()).toMatchObject({ inputTokens: 9, outputTokens: 2 });
    expect(reader.text.isEmpty).toBe(true);
    read({ choices: [{ delta: { content: 'three' } }], usage: null });
    expect(reader.usage()).toMatchObject({ outputTokens: 2 });
    expect(text()).toBe('|three');
  });

  it('ends in an error where one comes', () => {
    const { read } = reading('chat/completions');
    expect(read({ choices: [], error: null }, { error: { message: 'out of memory' } })).toEqual(['more', 'error']);
  });
});

describe('a streamed completion', () => {
  it('has its text', () => {
    const { read, text } = reading('completions');
    read({ choices: [{ text: 'Once' }] }, { choices: [{ text: ' upon', logprobs: null }] });
    expect(text()).toBe('|Once upon');
  });
});

describe('a stream of the Responses API', () => {
  const usage = {
    input_tokens: 30,
    input_tokens_details: { cached_tokens: 10 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 42,
  };
  const tokens = { inputTokens: 30, cachedInputTokens: 10, outputTokens: 12, reasoningTokens: 4 };

  it.each([
    ['response.completed', 'end'],
    ['response.incomplete', 'end'],
    ['response.failed', 'failed'],
  ])('ends in %s, which reports', (type, end) => {
    const { reader, read } = reading('responses');
    const readings = read(
      { type: 'response.created', response: { id: 'r', usage: null } },
      { type: 'response.output_text.delta', delta: 'Hi' },
      { type, response: { output: [{ content: [{ type: 'output_text', text: 'Hi' }] }], usage } },
    );
    expect(readings).toEqual(['more', 'more', end]);
    expect(reader.usage()).toEqual(tokens);
    expect(reader.text.isEmpty).toBe(true);
  });

  it('has its text in deltas, and not again where a part is done', () => {
    const { read, text } = reading('responses');
    read(
      { type: 'response.reasoning_summary_text.delta', delta: 'Hm' },
      { type: 'response.output_text.delta', delta: 'He' },
      { delta: 'llo', type: 'response.output_text.delta' },
      { type: 'response.output_text.done', text: 'Hello' },
      { type: 'response.function_call_arguments.delta', delta: '{}' },
    );
    expect(text()).toBe('?Hm|Hello|{}');
  });

  it('ends in an error where one comes', () => {
    expect(reading('responses').read({ type: 'error', code: 'x', message: 'y' })).toEqual(['error']);
  });
});

describe('a stream of the Messages API', () => {
  const start = {
    type: 'message_start',
    message: { usage: { input_tokens: 25, cache_read_input_tokens: 100, output_tokens: 3 } },
  };
  const delta = (fields: object) => ({ type: 'content_block_delta', index: 0, delta: fields });

  it('reports its input first and the whole of its output near the end', () => {
    const { reader, read } = reading('messages');
    const readings = read(
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      delta({ type: 'text_delta', text: 'Hello' }),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
      { type: 'message_stop' },
    );
    expect(readings).toEqual(['more', 'more', 'more', 'more', 'end']);
    expect(reader.usage()).toEqual({
      inputTokens: 125,
      cachedInputTokens: 100,
      outputTokens: 15,
      reasoningTokens: 0,
    });
    expect(reader.text.isEmpty).toBe(true);
  });

  it('that is cut has its input from the report and its output as text', () => {
    const { reader, read, text } = reading('messages');
    read(
      start,
      delta({ type: 'thinking_delta', thinking: 'Hm' }),
      delta({ type: 'text_delta', text: 'Hello' }),
      delta({ type: 'input_json_delta', partial_json: '{"a"' }),
    );
    expect(reader.usage()).toMatchObject({ inputTokens: 125, outputTokens: 0 });
    expect(text()).toBe('?Hm|Hello|{\\"a\\"');
  });

  it('ends in an error where one comes', () => {
    const { read } = reading('messages');
    expect(read({ type: 'error', error: { type: 'overloaded_error' } })).toEqual(['error']);
  });
});

describe('an answer that is no stream', () => {
  it.each<[string, object, string]>([
    ['chat/completions', { choices: [{ message: { role: 'assistant', content: 'Hello' } }] }, '|Hello'],
    ['completions', { choices: [{ text: 'Once' }] }, '|Once'],
    ['embeddings', { data: [{ embedding: [0.1] }] }, ''],
    ['responses', { instructions: 'x', output: [{ content: [{ type: 'output_text', text: 'Hello' }] }] }, '|Hello'],
    ['messages', { type: 'message', content: [{ type: 'text', text: 'Hello' }] }, '|Hello'],
  ])('of %s has its text and its report', (endpoint, body, expected) => {
    const { reader, text } = reading(endpoint);
    expect(reader.readWhole(Buffer.from(JSON.stringify(body)))).toBe(true);
    expect(text()).toBe(expected);
    const usage = { input_tokens: 4, prompt_tokens: 4, output_tokens: 2, completion_tokens: 2 };
    expect(reader.readWhole(Buffer.from(JSON.stringify({ ...body, usage })))).toBe(true);
    expect(reader.usage()).toMatchObject({ inputTokens: 4, outputTokens: 2 });
    expect(reader.text.isEmpty).toBe(true);
  });

  it('is told from what is no JSON', () => {
    for (const endpoint of ['chat/completions', 'responses', 'messages'])
      expect(reading(endpoint).reader.readWhole(Buffer.from('<html>'))).toBe(false);
  });
});

describe('the name of the model', () => {
  const wish = { include: true, continuous: true };
  it.each<[string, (model: string) => object]>([
    ['chat/completions', model => ({ id: 'c', model, choices: [{ delta: { content: 'a' } }] })],
    ['embeddings', model => ({ data: [{ embedding: [0.5] }], model, usage: { prompt_tokens: 1 } })],
    ['rerank', model => ({ id: 'r', model, results: [] })],
    ['score', model => ({ object: 'list', data: [], model })],
    ['responses', model => ({ type: 'response.created', response: { id: 'r', model, tools: [{ model: 'inner' }] } })],
    ['responses', model => ({ type: 'response.completed', response: { usage: { input_tokens: 1 }, model } })],
    ['messages', model => ({ type: 'message_start', message: { id: 'm', model, usage: { input_tokens: 3 } } })],
  ])('is the one that the caller asked for in an answer of %s', (endpoint, answer) => {
    const { reader } = reading(endpoint);
    const shown = (model: string): Buffer | undefined => {
      const data = Buffer.from(JSON.stringify(answer(model)));
      reader.read(data);
      const seen = reader.shown(data, wish);
      if (model === 'mine') expect(seen).toBe(data);
      return seen;
    };
    expect(shown('Vendor/Name-8B')?.toString()).toBe(JSON.stringify(answer('mine')));
    expect(shown('mine')?.toString()).toBe(JSON.stringify(answer('mine')));
  });
});
