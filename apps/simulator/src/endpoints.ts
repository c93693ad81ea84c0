import type { Call } from './call.js';
import { completionBody } from './completion.body.js';
import { completionTokens, planChat, planCompletion, type CompletionPlan } from './completion.plan.js';
import {
  parseChat,
  parseCompletion,
  parseEmbeddings,
  type ChatRequest,
  type CompletionRequest,
} from './completion.request.js';
import { streamedCompletion, type UsageReporting } from './completion.stream.js';
import { deliverBody, deliverStream, deliverUnary } from './delivery.js';
import { embeddingsBody } from './embeddings.js';
import type { Faults } from './faults.js';
import { imageBody } from './image.js';
import { draftMessage, messageBody } from './message.body.js';
import { chatOfMessage, messagesOf, parseMessage, parseMessageCount } from './message.request.js';
import { streamedMessage } from './message.stream.js';
import { rerankBody, scoreBody } from './ranking.js';
import { draftResponse, responseObject } from './response.body.js';
import { chatOfResponse, parseResponse } from './response.request.js';
import { streamedResponse } from './response.stream.js';
import { deliverSpeech } from './speech.js';
import { tokenizeBody } from './tokenize.js';
import { deliverTranscription } from './transcription.js';
import { countMessages } from './usage.js';

/**
 * Answers a call whose body has been read.
 * @throws SimulatorError 400 that names the field
 */
type Answer = (call: Call, body: unknown) => Promise<void>;

export interface Endpoint {
  readonly answer: Answer;
  /** The body is a form; JSON where absent. */
  readonly isForm?: boolean;
  /** Errors are told in Anthropic's envelope; in OpenAI's where absent. */
  readonly isAnthropic?: boolean;
}

function reportingOf(options: ChatRequest['stream_options'], faults: Faults): UsageReporting {
  if (!options?.include_usage || faults.noUsage) return 'none';
  return options.continuous_usage_stats ? 'continuous' : 'final';
}

const completions =
  <R extends ChatRequest | CompletionRequest>(
    parse: (body: unknown) => R,
    plan: (request: R, faults: Faults) => CompletionPlan,
  ): Answer =>
  (call, body) => {
    const request = parse(body);
    const planned = plan(request, call.faults);
    if (request.stream) {
      return deliverStream(call, streamedCompletion(planned, reportingOf(request.stream_options, call.faults)));
    }
    const tokens = completionTokens(planned) / planned.choices.length;
    return deliverUnary(call, completionBody(planned, !call.faults.noUsage), tokens);
  };

const response: Answer = (call, body) => {
  const request = parseResponse(body);
  const plan = planChat(chatOfResponse(request), call.faults);
  const draft = draftResponse(request, plan, !call.faults.noUsage);
  if (request.stream) return deliverStream(call, streamedResponse(draft));
  return deliverUnary(call, JSON.stringify(responseObject(draft, true)), draft.choice.pieces.length);
};

const message: Answer = (call, body) => {
  const request = parseMessage(body);
  const draft = draftMessage(planChat(chatOfMessage(request), call.faults), !call.faults.noUsage);
  if (request.stream) return deliverStream(call, streamedMessage(draft));
  return deliverUnary(call, messageBody(draft), draft.choice.pieces.length);
};

const messageCount: Answer = (call, body) =>
  deliverBody(call, JSON.stringify({ input_tokens: countMessages(messagesOf(parseMessageCount(body))) }));

/** An answer that is made of the body at once. */
const made =
  (make: (body: unknown, withUsage: boolean) => string): Answer =>
  (call, body) =>
    deliverBody(call, make(body, !call.faults.noUsage));

/** The API, by path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/v1/chat/completions', { answer: completions(parseChat, planChat) }],
  ['/v1/completions', { answer: completions(parseCompletion, planCompletion) }],
  ['/v1/embeddings', { answer: made((body, withUsage) => embeddingsBody(parseEmbeddings(body), withUsage)) }],
  ['/v1/responses', { answer: response }],
  ['/v1/messages', { answer: message, isAnthropic: true }],
  ['/v1/messages/count_tokens', { answer: messageCount, isAnthropic: true }],
  ['/v1/rerank', { answer: made(rerankBody) }],
  ['/v1/score', { answer: made(scoreBody) }],
  ['/v1/tokenize', { answer: made(tokenizeBody) }],
  ['/v1/images/generations', { answer: made(imageBody) }],
  ['/v1/audio/speech', { answer: deliverSpeech }],
  ['/v1/audio/transcriptions', { answer: deliverTranscription, isForm: true }],
  ['/v1/audio/translations', { answer: deliverTranscription, isForm: true }],
]);
