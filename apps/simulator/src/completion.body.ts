import { randomUUID } from 'node:crypto';
import { completionTokens, type Choice, type CompletionPlan } from './completion.plan.js';
import { usageOf } from './usage.js';

/** A new completion's id. */
export function completionId(plan: CompletionPlan): string {
  return `${plan.kind === 'chat' ? 'chatcmpl' : 'cmpl'}-${randomUUID()}`;
}

/** A tool call's id, the same for every chunk of it. */
export function toolCallId(id: string, index: number): string {
  return `call_${id.slice(-12)}${index}`;
}

function messageOf(choice: Choice, id: string, index: number) {
  const text = choice.pieces.join('');
  if (choice.tool === undefined) return { role: 'assistant', content: text };
  const call = { id: toolCallId(id, index), type: 'function', function: { name: choice.tool, arguments: text } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

/** The whole answer, unary. */
export function completionBody(plan: CompletionPlan, withUsage: boolean): string {
  const id = completionId(plan);
  const created = Math.floor(Date.now() / 1000);
  const chat = plan.kind === 'chat';
  return JSON.stringify({
    id,
    object: chat ? 'chat.completion' : 'text_completion',
    created,
    model: plan.model,
    choices: plan.choices.map((choice, index) => ({
      index,
      ...(chat ? { message: messageOf(choice, id, index) } : { text: choice.pieces.join('') }),
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    ...(withUsage ? { usage: usageOf(plan.promptTokens, completionTokens(plan)) } : {}),
  });
}
