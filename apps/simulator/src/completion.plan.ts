import { answerOf, answerTo } from './answer.js';
import type { ChatRequest, CompletionRequest } from './completion.request.js';
import type { Faults } from './faults.js';
import { sampleOf, type JsonSchema } from './json-schema.sample.js';
import { SimulatorError } from './simulator.error.js';
import { tokenPieces } from './tokens.js';
import { countMessages, promptsOf, textOf } from './usage.js';

/** One choice, decided before its first byte is sent: one text piece per token. */
export interface Choice {
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  /** The function that is called; the pieces are then its arguments. */
  readonly tool?: string;
  /** The sequence of `stop` that ended the answer. */
  readonly stoppedBy?: string;
}

export interface CompletionPlan {
  readonly kind: 'chat' | 'text';
  readonly model: string;
  readonly promptTokens: number;
  readonly choices: readonly Choice[];
}

type Stop = string | string[] | null | undefined;

/** Ends the pieces before the sequence of `stop` that stands first in their text. */
function cutAtStop(pieces: readonly string[], stop: Stop): Pick<Choice, 'pieces' | 'stoppedBy'> {
  const sequences = [stop ?? []].flat().filter(sequence => sequence !== '');
  if (sequences.length === 0) return { pieces };
  const text = pieces.join('');
  const found = sequences.map(sequence => ({ sequence, at: text.indexOf(sequence) })).filter(({ at }) => at >= 0);
  const first = found.reduce<(typeof found)[number] | undefined>(
    (best, one) => (best === undefined || one.at < best.at ? one : best),
    undefined,
  );
  if (first === undefined) return { pieces };
  let left = first.at;
  const kept: string[] = [];
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push(piece.slice(0, left));
    left -= piece.length;
  }
  return { pieces: kept, stoppedBy: first.sequence };
}

function cutAtCap(choice: Choice, cap: number): Choice {
  if (choice.pieces.length <= cap) return choice;
  return { pieces: choice.pieces.slice(0, cap), finishReason: 'length', tool: choice.tool };
}

interface Wanted {
  readonly prompt: string;
  readonly cap: number;
  readonly stop: Stop;
  readonly faults: Faults;
}

function textChoice({ prompt, cap, stop, faults }: Wanted, index: number): Choice {
  if (faults.tokens !== undefined) return { pieces: answerOf(faults.tokens, prompt, index), finishReason: 'stop' };
  // One sequence of stop may begin within the cap and end beyond it: cut at the cap last, from enough text.
  const whole = cutAtStop(answerTo(prompt, index, stop == null ? cap : Infinity), stop);
  return cutAtCap({ ...whole, finishReason: 'stop' }, cap);
}

/** The tool that is called: the forced one, else the first in answer to a person, so that its result ends the loop. */
function calledTool(request: ChatRequest): { name: string; parameters?: JsonSchema | null } | undefined {
  const choice = request.tool_choice ?? 'auto';
  const tools = request.tools?.flatMap(tool => tool.function ?? []) ?? [];
  if (choice === 'none') return undefined;
  if (choice === 'auto') return request.messages.at(-1)?.role === 'user' ? tools[0] : undefined;
  const forced = typeof choice === 'string' ? tools[0] : tools.find(tool => tool.name === choice.function.name);
  if ((typeof choice === 'string' && choice !== 'required') || forced === undefined) {
    throw new SimulatorError(400, 'invalid_request', 'tool_choice names none of the tools', 'tool_choice');
  }
  return forced;
}

function answerFormat(request: ChatRequest): JsonSchema | undefined {
  const format = request.response_format;
  if (format?.type === 'json_schema') return format.json_schema?.schema ?? { type: 'object' };
  return format?.type === 'json_object' ? { type: 'object', properties: { answer: { type: 'string' } } } : undefined;
}

/**
 * Decides the answer to a chat.
 * @throws SimulatorError 400 when a tool is forced that is not there
 */
export function planChat(request: ChatRequest, faults: Faults): CompletionPlan {
  const cap = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const prompt = textOf(request.messages.findLast(message => message.role === 'user')?.content);
  const tool = calledTool(request);
  const schema = tool === undefined ? answerFormat(request) : (tool.parameters ?? { type: 'object' });
  const choose = (index: number): Choice => {
    if (schema === undefined) return textChoice({ prompt, cap, stop: request.stop, faults }, index);
    const json = tokenPieces(JSON.stringify(sampleOf(schema)));
    const finishReason = tool === undefined ? 'stop' : 'tool_calls';
    return cutAtCap({ pieces: json, finishReason, tool: tool?.name }, cap);
  };
  const choices = Array.from({ length: request.n ?? 1 }, (_, index) => choose(index));
  return { kind: 'chat', model: request.model, promptTokens: countMessages(request.messages), choices };
}

/** Decides the answer to a text completion; several prompts have their choices one after the other. */
export function planCompletion(request: CompletionRequest, faults: Faults): CompletionPlan {
  // 16 is what OpenAI and vLLM use for this path when the request names no cap.
  const cap = request.max_tokens ?? 16;
  const prompts = promptsOf(request.prompt);
  const choices = prompts.flatMap(prompt =>
    Array.from({ length: request.n ?? 1 }, (_, index) =>
      textChoice({ prompt: prompt.text, cap, stop: request.stop, faults }, index),
    ),
  );
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.tokens, 0);
  return { kind: 'text', model: request.model, promptTokens, choices };
}

/** The tokens of all choices. */
export function completionTokens(plan: CompletionPlan): number {
  return plan.choices.reduce((sum, choice) => sum + choice.pieces.length, 0);
}
