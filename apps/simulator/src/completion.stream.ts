import { completionId, toolCallId } from './completion.body.js';
import type { Choice, CompletionPlan } from './completion.plan.js';
import { plainEvent, STREAM_ERROR, type StreamedAnswer, type StreamEvent } from './stream.event.js';
import { usageOf } from './usage.js';

/** `final`: usage in one chunk at the end; `continuous`: also the running sum in each chunk. */
export type UsageReporting = 'none' | 'final' | 'continuous';

const DONE = 'data: [DONE]\n\n';

/** What the event of a choice carries beside its index, as JSON without braces. */
function opening(choice: Choice, id: string, index: number): string {
  if (choice.tool === undefined) return '"delta":{"role":"assistant","content":""}';
  const call = {
    index: 0,
    id: toolCallId(id, index),
    type: 'function',
    function: { name: choice.tool, arguments: '' },
  };
  return `"delta":${JSON.stringify({ role: 'assistant', content: null, tool_calls: [call] })}`;
}

function content(plan: CompletionPlan, choice: Choice, piece: string): string {
  const text = JSON.stringify(piece);
  if (plan.kind === 'text') return `"text":${text}`;
  if (choice.tool === undefined) return `"delta":{"content":${text}}`;
  return `"delta":{"tool_calls":[{"index":0,"function":{"arguments":${text}}}]}`;
}

/**
 * The events of a stream, in order, one per token, to the closing `[DONE]`. The choices take turns, as in a batch.
 * Built as text: an object per token would cost the bench more than the gateway under test.
 */
function* streamEvents(plan: CompletionPlan, reporting: UsageReporting): Generator<StreamEvent> {
  const id = completionId(plan);
  const object = plan.kind === 'chat' ? 'chat.completion.chunk' : 'text_completion';
  const created = Math.floor(Date.now() / 1000);
  const head = `data: ${JSON.stringify({ id, object, created, model: plan.model }).slice(0, -1)},"choices":[`;
  let sent = 0;
  const usage = () => JSON.stringify(usageOf(plan.promptTokens, sent));
  const tail = () =>
    reporting === 'none' ? ']}\n\n' : `],"usage":${reporting === 'continuous' ? usage() : 'null'}}\n\n`;
  const event = (index: number, fields: string, finish: string | null): string =>
    `${head}{"index":${index},${fields},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}${tail()}`;

  if (plan.kind === 'chat') {
    for (const [index, choice] of plan.choices.entries()) {
      yield { text: event(index, opening(choice, id, index), null), token: false };
    }
  }
  const longest = Math.max(...plan.choices.map(choice => choice.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, choice] of plan.choices.entries()) {
      const piece = choice.pieces[at];
      if (piece === undefined) continue;
      sent++;
      yield { text: event(index, content(plan, choice, piece), null), token: true };
    }
  }
  for (const [index, choice] of plan.choices.entries()) {
    const nothing = plan.kind === 'chat' ? '"delta":{}' : '"text":""';
    yield { text: event(index, nothing, choice.finishReason), token: false };
  }
  if (reporting !== 'none') yield { text: `${head}],"usage":${usage()}}\n\n`, token: false };
  yield { text: DONE, token: false };
}

/** A completion in events. Servers that fail in the middle say that they are done all the same. */
export function streamedCompletion(plan: CompletionPlan, reporting: UsageReporting): StreamedAnswer {
  const failure = plainEvent(STREAM_ERROR.body) + DONE;
  return { events: streamEvents(plan, reporting), failure, choices: plan.choices.length };
}
