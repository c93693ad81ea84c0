import { createServer, type Server } from 'node:http';
import { planChat, planCompletion, type CompletionPlan } from './completion.plan.js';
import {
  parseChat,
  parseCompletion,
  parseEmbeddings,
  type ChatRequest,
  type CompletionRequest,
} from './completion.request.js';
import type { UsageReporting } from './completion.stream.js';
import { deliverBody, deliverStream, deliverUnary, type Pace } from './delivery.js';
import { embeddingsBody } from './embeddings.js';
import { Exchange } from './exchange.js';
import { parseFaults, UnknownFaultError, type Faults } from './faults.js';
import { SimulatorError } from './simulator.error.js';
import { Stats } from './stats.js';

/** Longer than a client's pool keeps an idle connection, so that the client is the one to close it. */
const KEEP_ALIVE_MS = 75_000;
const MODELS = ['simulator', 'qwen3'];

type Endpoint = (exchange: Exchange, body: unknown, faults: Faults, pace: Pace) => Promise<void> | void;

function reportingOf(options: ChatRequest['stream_options']): UsageReporting {
  if (!options?.include_usage) return 'none';
  return options.continuous_usage_stats ? 'continuous' : 'final';
}

const completions =
  <R extends ChatRequest | CompletionRequest>(
    parse: (body: unknown) => R,
    plan: (request: R, faults: Faults) => CompletionPlan,
  ): Endpoint =>
  (exchange, body, faults, pace) => {
    const request = parse(body);
    const planned = plan(request, faults);
    if (!request.stream) return deliverUnary(exchange, planned, faults, pace);
    return deliverStream(exchange, planned, faults, pace, reportingOf(request.stream_options));
  };

const ENDPOINTS = new Map<string, Endpoint>([
  ['/v1/chat/completions', completions(parseChat, planChat)],
  ['/v1/completions', completions(parseCompletion, planCompletion)],
  [
    '/v1/embeddings',
    (exchange, body, faults) => deliverBody(exchange, embeddingsBody(parseEmbeddings(body), !faults.noUsage), faults),
  ],
]);

function modelOf(body: unknown): string | undefined {
  const model: unknown = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
  return typeof model === 'string' ? model : undefined;
}

/** Does what the faults say before an answer begins. @returns whether they leave anything to answer */
async function suffer(exchange: Exchange, faults: Faults): Promise<boolean> {
  if (faults.hang) await exchange.untilGone();
  if (faults.delayMs !== undefined) await exchange.pause(faults.delayMs);
  if (exchange.isGone()) return false;
  if (faults.contextLength) {
    const message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.";
    throw new SimulatorError(400, 'context_length_exceeded', message, 'messages');
  }
  if (faults.status === undefined) return true;
  const retry = faults.retryAfterSeconds;
  const error = new SimulatorError(faults.status, 'simulated_fault', `Simulated fault with status ${faults.status}`);
  exchange.sendJson(error.status, error.body, retry === undefined ? {} : { 'retry-after': String(retry) });
  return false;
}

async function serve(exchange: Exchange, endpoint: Endpoint, stats: Stats, pace: Pace): Promise<void> {
  stats.opened(exchange);
  const body = await exchange.readJson();
  stats.received(body);
  const header = exchange.request.headers['x-simulator-fault'];
  const faults = parseFaults(typeof header === 'string' ? header : undefined, modelOf(body));
  if (await suffer(exchange, faults)) await endpoint(exchange, body, faults, pace);
}

function route(exchange: Exchange, stats: Stats, pace: Pace): Promise<void> | void {
  const path = exchange.request.url?.split('?', 1)[0] ?? '/';
  const call = `${exchange.request.method} ${path}`;
  const endpoint = exchange.request.method === 'POST' ? ENDPOINTS.get(path) : undefined;
  if (endpoint !== undefined) return serve(exchange, endpoint, stats, pace);
  switch (call) {
    case 'GET /health':
      return exchange.sendJson(200, { status: 'ok' });
    case 'GET /v1/models': {
      const data = MODELS.map(id => ({ id, object: 'model', created: 0, owned_by: 'simulator' }));
      return exchange.sendJson(200, { object: 'list', data });
    }
    case 'GET /stats':
      return exchange.sendJson(200, stats.snapshot);
    case 'POST /stats/reset':
      stats.reset();
      return exchange.sendJson(200, stats.snapshot);
    default:
      throw new SimulatorError(404, 'not_found', `There is no ${call}`);
  }
}

function asSimulatorError(error: unknown): SimulatorError {
  if (error instanceof SimulatorError) return error;
  if (error instanceof UnknownFaultError) return new SimulatorError(400, 'unknown_fault', error.message);
  return new SimulatorError(500, 'internal_error', error instanceof Error ? error.message : String(error));
}

/** The simulator, not yet listening. It serves any model name; its answers depend on the request alone. */
export function createSimulator(pace: Pace): Server {
  const stats = new Stats();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const exchange = new Exchange(request, response);
    const handle = async () => route(exchange, stats, pace);
    handle().catch((thrown: unknown) => {
      // A client that left while its body was being read is no error of ours.
      if (exchange.isGone() || (request.destroyed && !request.complete)) return;
      const error = asSimulatorError(thrown);
      if (response.headersSent) response.destroy();
      else exchange.sendJson(error.status, error.body);
    });
  });
  return server;
}
