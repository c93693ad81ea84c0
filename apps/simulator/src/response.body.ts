import { randomUUID } from 'node:crypto';
import type { Choice, CompletionPlan } from './completion.plan.js';
import type { ResponseRequest } from './response.request.js';

/** A response in the making: what its events and its final object have in common. */
export interface ResponseDraft {
  readonly id: string;
  readonly createdAt: number;
  readonly request: ResponseRequest;
  readonly promptTokens: number;
  readonly choice: Choice;
  readonly withUsage: boolean;
}

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

/** The one answer of a plan, as a response that is yet to be told. */
export function draftResponse(request: ResponseRequest, plan: CompletionPlan, withUsage: boolean): ResponseDraft {
  const choice = plan.choices[0] ?? { pieces: [], finishReason: 'stop' };
  const createdAt = Math.floor(Date.now() / 1000);
  return { id: newId('resp'), createdAt, request, promptTokens: plan.promptTokens, choice, withUsage };
}

const isCut = ({ choice }: ResponseDraft): boolean => choice.finishReason === 'length';
const endStatus = (draft: ResponseDraft) => (isCut(draft) ? 'incomplete' : 'completed');

export const textPart = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });

/** The output item, empty as its stream begins or whole as it ends. */
export function outputItem(draft: ResponseDraft, whole: boolean) {
  const { id, choice } = draft;
  const suffix = id.slice('resp_'.length);
  const status = whole ? endStatus(draft) : 'in_progress';
  const text = whole ? choice.pieces.join('') : '';
  if (choice.tool === undefined) {
    return { id: `msg_${suffix}`, type: 'message', status, role: 'assistant', content: whole ? [textPart(text)] : [] };
  }
  const call = { call_id: `call_${suffix}`, name: choice.tool, arguments: text };
  return { id: `fc_${suffix}`, type: 'function_call', status, ...call };
}

function usageOfDraft({ promptTokens, choice: { pieces } }: ResponseDraft) {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: pieces.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + pieces.length,
  };
}

/** The response object, as its stream begins or as it ends. */
export function responseObject(draft: ResponseDraft, whole: boolean) {
  const { id, createdAt, request } = draft;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: whole ? endStatus(draft) : 'in_progress',
    error: null,
    incomplete_details: whole && isCut(draft) ? { reason: 'max_output_tokens' } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model,
    output: whole ? [outputItem(draft, true)] : [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: request.text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage: whole && draft.withUsage ? usageOfDraft(draft) : null,
    user: null,
    metadata: {},
  };
}
