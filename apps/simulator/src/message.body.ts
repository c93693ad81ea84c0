import { randomUUID } from 'node:crypto';
import type { Choice, CompletionPlan } from './completion.plan.js';

/** A message in the making: what its events and its final object have in common. */
export interface MessageDraft {
  readonly id: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly choice: Choice;
  readonly withUsage: boolean;
}

/** The one answer of a plan, as a message that is yet to be told. */
export function draftMessage(plan: CompletionPlan, withUsage: boolean): MessageDraft {
  const choice = plan.choices[0] ?? { pieces: [], finishReason: 'stop' };
  const id = `msg_${randomUUID().replaceAll('-', '')}`;
  return { id, model: plan.model, promptTokens: plan.promptTokens, choice, withUsage };
}

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

/** Why the message ended. */
export function stopOf({ finishReason, stoppedBy }: Choice) {
  return {
    stop_reason: stoppedBy === undefined ? STOP_REASONS[finishReason] : 'stop_sequence',
    stop_sequence: stoppedBy ?? null,
  };
}

/** The content block as its stream begins: nothing is in it yet. */
export function emptyBlock({ id, choice: { tool } }: MessageDraft) {
  if (tool === undefined) return { type: 'text', text: '' };
  return { type: 'tool_use', id: id.replace('msg_', 'toolu_'), name: tool, input: {} };
}

/** The usage while so much of the output has been written. */
export function messageUsage({ promptTokens }: MessageDraft, outputTokens: number) {
  return {
    input_tokens: promptTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}

/** What is known before the first token. */
export function messageHead(draft: MessageDraft) {
  const { id, model } = draft;
  return { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
}

/** Arguments that the cap has cut are no JSON; what there is of them stays out, as the API's own clients do it. */
function inputOf(text: string, isWhole: boolean): unknown {
  return isWhole ? JSON.parse(text) : {};
}

/** The whole answer, unary. */
export function messageBody(draft: MessageDraft): string {
  const { pieces, tool, finishReason } = draft.choice;
  const text = pieces.join('');
  const block = emptyBlock(draft);
  const content =
    tool === undefined ? { ...block, text } : { ...block, input: inputOf(text, finishReason !== 'length') };
  const usage = draft.withUsage ? { usage: messageUsage(draft, pieces.length) } : {};
  return JSON.stringify({ ...messageHead(draft), content: [content], ...stopOf(draft.choice), ...usage });
}
