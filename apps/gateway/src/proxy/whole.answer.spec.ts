import type { AnswerMeasure } from './answer.js';
import { CompletionReader } from './completion.reader.js';
import { ModelName } from './model.name.js';
import { RelayedText } from './relayed.text.js';
import { WholeAnswer } from './whole.answer.js';

function answerOver() {
  const settled: AnswerMeasure[] = [];
  const outlet = {
    head: () => undefined,
    whole: () => undefined,
    write: () => true,
    settle: (measure: AnswerMeasure) => void settled.push(measure),
    fail: () => undefined,
  };
  const reader = new CompletionReader(new RelayedText(() => Promise.resolve(undefined)), new ModelName('mine'));
  return { settled, answer: new WholeAnswer(outlet, [], reader, 200, 'application/json') };
}

const LONG = 'x'.repeat(300_000);

describe('an answer too long to be held', () => {
  it('is charged by the usage at its end', () => {
    const { settled, answer } = answerOver();
    answer.data(Buffer.from(`{"a":"${LONG}","usage":{"prompt_tokens":3,"completion_tokens":4},"b":1}`));
    expect(answer.end()).toBeUndefined();
    expect(settled).toMatchObject([{ usage: { inputTokens: 3, outputTokens: 4 } }]);
  });

  it('is settled even where what follows its usage is no JSON', () => {
    const { settled, answer } = answerOver();
    answer.data(Buffer.from(`{"a":"${LONG}","usage":{"a":1},"\\x":1}`));
    expect(answer.end()).toBeUndefined();
    expect(settled).toEqual([{ usage: undefined, text: undefined }]);
  });
});
