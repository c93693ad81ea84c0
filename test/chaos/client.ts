import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Plan } from './plan.js';
import type { Trace } from './trace.js';

const PROMPT = 'Tell me of the cat and the house.';

function bodyOf(plan: Plan): string {
  const { endpoint, stream, includeUsage, maxTokens } = plan;
  return JSON.stringify({
    model: modelOf(plan),
    max_tokens: maxTokens,
    ...(endpoint === 'completions' ? { prompt: PROMPT } : { messages: [{ role: 'user', content: PROMPT }] }),
    ...(stream ? { stream: true } : {}),
    ...(stream && includeUsage ? { stream_options: { include_usage: true } } : {}),
  });
}

/** There is one model for each way of reporting. */
export const modelOf = ({ reporting }: Pick<Plan, 'reporting'>): string => `chaos-${reporting}`;

export interface Door {
  readonly url: string;
  readonly token: string;
}

/**
 * Sends a planned request on a connection of its own, and notes in its trace what the client sees.
 * @returns when the connection is over, however; it does not reject, since whatever becomes of a request is a finding
 */
export function send({ url, token }: Door, trace: Trace): Promise<void> {
  const { plan } = trace;
  const body = bodyOf(plan);
  const call = request(`${url}/${modelOf(plan)}/v1/${plan.endpoint}`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-request-id': plan.requestId,
    },
  });
  let leaving: NodeJS.Timeout | undefined;
  const leaveAfter = (ms: number | undefined): void => {
    if (ms !== undefined) leaving = setTimeout(() => leave(call, trace), ms);
  };
  leaveAfter(plan.leaveAfterMs);
  trace.onArrival = () => leaveAfter(plan.leaveAfterArrivalMs);
  call.once('response', response => watch(response, call, trace));
  call.on('error', () => undefined);
  call.end(body);
  return new Promise(resolve => {
    call.once('close', () => {
      clearTimeout(leaving);
      resolve();
    });
  });
}

function leave(call: ClientRequest, trace: Trace): void {
  if (trace.whole) return;
  trace.leftAtMs ??= performance.now();
  call.destroy();
}

function watch(response: IncomingMessage, call: ClientRequest, trace: Trace): void {
  trace.status = response.statusCode;
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  if (response.statusCode !== 200) response.on('data', (text: string) => (trace.refusal += text));
  else if (trace.plan.bytesPerSecond !== undefined) readSlowly(response, trace.plan.bytesPerSecond);
  else if (trace.plan.stream) watchEvents(response, call, trace);
  else {
    response.resume();
    response.once('end', () => {
      if (response.complete) trace.completed();
    });
  }
}

function watchEvents(response: IncomingMessage, call: ClientRequest, trace: Trace): void {
  let pending = '';
  response.on('data', (text: string) => {
    const events = (pending + text).split('\n\n');
    pending = events.pop() ?? '';
    for (const event of events) {
      if (event === 'data: [DONE]') trace.completed();
      else if (/"(?:content|text)":/.test(event)) trace.tokensSeen += 1;
    }
    if (trace.tokensSeen >= (trace.plan.leaveAfterTokens ?? Infinity)) leave(call, trace);
  });
}

/** Takes that much out of the socket each second, and leaves the rest where it is. */
function readSlowly(response: IncomingMessage, bytesPerSecond: number): void {
  response.on('readable', () => undefined);
  const reading = setInterval(() => response.read(bytesPerSecond), 1000);
  response.once('close', () => clearInterval(reading));
}
