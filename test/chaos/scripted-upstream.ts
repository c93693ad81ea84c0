import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as timer } from 'node:timers/promises';
import { gate } from '../support/gate.js';
import { beginStream, completion, DONE, sendJson, usageOf } from '../support/upstream.js';
import type { Plan } from './plan.js';
import type { Trace } from './trace.js';

/** One token each in every vocabulary that is in use, wherever they stand. */
const WORDS = [' the', ' cat', ' house', ' and', ' water', ' time', ' people', ' long', ' little', ' world'];

/** Does not keep the process alive for an answer that nobody waits for any more. */
const delay = (ms: number): Promise<void> => timer(ms, undefined, { ref: false });

const word = (index: number): string => WORDS[index % WORDS.length] ?? ' the';

/** The model's server: does with each request what its plan says, and notes what became of it. */
export class ScriptedUpstream {
  /** By request id; the upstream knows no other requests. */
  readonly traces = new Map<string, Trace>();
  private readonly held = gate();
  private readonly server = createServer((request, response) => {
    const trace = this.traces.get(String(request.headers['x-request-id']));
    if (trace === undefined) return sendJson(response, 400, { error: { message: 'nobody planned this request' } });
    trace.arrived();
    response.once('close', () => {
      if (!response.writableFinished) trace.abandonedAtMs ??= performance.now();
    });
    request.resume();
    request.once('end', () => {
      void (trace.plan.stream ? answerStream(trace, response, this.held.opened) : answerWhole(trace, response));
    });
  });

  static async start(): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream();
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  /** Lets go on what its plan holds after its first token. */
  release(): void {
    this.held.open();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** Waits until the client has taken what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

const usageAfter = ({ promptTokens }: Plan, tokens: number) => usageOf({ prompt: promptTokens, completion: tokens });

async function answerWhole(trace: Trace, response: ServerResponse): Promise<void> {
  const { plan } = trace;
  await delay(plan.firstTokenMs + plan.outputTokens * plan.tokenMs);
  if (response.destroyed) return;
  trace.tokensSent = plan.outputTokens;
  const text = Array.from({ length: plan.outputTokens }, (_, index) => word(index)).join('');
  const { usage: _, ...body } = completion(text, { prompt: 0, completion: 0 });
  const choices = plan.endpoint === 'completions' ? [{ index: 0, text, finish_reason: 'stop' }] : body.choices;
  const usage = plan.reporting === 'never' ? {} : { usage: usageAfter(plan, plan.outputTokens) };
  sendJson(response, 200, { ...body, choices, ...usage });
}

async function answerStream(trace: Trace, response: ServerResponse, released: Promise<void>): Promise<void> {
  const { plan } = trace;
  await delay(plan.firstTokenMs);
  beginStream(response);
  for (let index = 0; index < plan.outputTokens; index += 1) {
    if (plan.tokenMs > 0) await delay(plan.tokenMs);
    if (response.destroyed) return;
    trace.tokensSent = index + 1;
    if (!response.write(eventOf(plan, index))) await drained(response);
    if (plan.held === true && index === 0) await released;
  }
  const usage = { choices: [], usage: usageAfter(plan, plan.outputTokens) };
  response.end((plan.reporting === 'never' ? '' : `data: ${JSON.stringify(usage)}\n\n`) + DONE);
}

function eventOf(plan: Plan, index: number): string {
  const text = word(index);
  const part = plan.endpoint === 'completions' ? { text } : { delta: { content: text } };
  const body = {
    id: 'chaos',
    object: plan.endpoint === 'completions' ? 'text_completion' : 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'test',
    choices: [{ index: 0, ...part, finish_reason: null }],
    ...(plan.reporting === 'continuous' ? { usage: usageAfter(plan, index + 1) } : {}),
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}
