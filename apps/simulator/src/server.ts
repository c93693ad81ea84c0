import { createServer, type Server } from 'node:http';
import type { Pace } from './call.js';
import { ENDPOINTS, type Endpoint } from './endpoints.js';
import { Exchange } from './exchange.js';
import { parseFaults, UnknownFaultError, type Faults } from './faults.js';
import { readForm } from './form.js';
import { SimulatorError } from './simulator.error.js';
import { Stats } from './stats.js';

/** Longer than a client's pool keeps an idle connection, so that the client is the one to close it. */
const KEEP_ALIVE_MS = 75_000;
const MODELS = ['simulator', 'qwen3'];

function modelOf(body: unknown): string | undefined {
  const model: unknown = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
  return typeof model === 'string' ? model : undefined;
}

/** Does what the faults say before an answer begins, which may be to refuse. */
async function suffer(exchange: Exchange, faults: Faults): Promise<void> {
  if (faults.hang) await exchange.untilGone();
  if (faults.delayMs !== undefined) await exchange.pause(faults.delayMs);
  if (exchange.isGone()) return;
  if (faults.contextLength) {
    const message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.";
    throw new SimulatorError(400, 'context_length_exceeded', message, 'messages');
  }
  if (faults.status === undefined) return;
  const message = `Simulated fault with status ${faults.status}`;
  throw new SimulatorError(faults.status, 'simulated_fault', message, null, faults.retryAfterSeconds);
}

async function serve(exchange: Exchange, endpoint: Endpoint, stats: Stats, pace: Pace): Promise<void> {
  stats.opened(exchange);
  const body = await (endpoint.isForm ? readForm(exchange) : exchange.readJson());
  stats.received(body);
  const header = exchange.request.headers['x-simulator-fault'];
  const faults = parseFaults(typeof header === 'string' ? header : undefined, modelOf(body));
  await suffer(exchange, faults);
  if (!exchange.isGone()) await endpoint.answer({ exchange, faults, pace }, body);
}

function operate(exchange: Exchange, call: string, stats: Stats): void {
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

function refuse(exchange: Exchange, thrown: unknown, endpoint: Endpoint | undefined): void {
  const { request, response } = exchange;
  // A client that left while its body was being read is no error of ours.
  if (exchange.isGone() || (request.destroyed && !request.complete)) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = asSimulatorError(thrown);
  const retry = error.retryAfterSeconds;
  const headers: Record<string, string> = retry === undefined ? {} : { 'retry-after': String(retry) };
  exchange.sendJson(error.status, endpoint?.isAnthropic ? error.anthropicBody : error.body, headers);
}

/** The simulator, not yet listening. It serves any model name; its answers depend on the request alone. */
export function createSimulator(pace: Pace): Server {
  const stats = new Stats();
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const exchange = new Exchange(request, response);
    const path = request.url?.split('?', 1)[0] ?? '/';
    const endpoint = request.method === 'POST' ? ENDPOINTS.get(path) : undefined;
    const handle = async (): Promise<void> => {
      if (endpoint === undefined) operate(exchange, `${request.method} ${path}`, stats);
      else await serve(exchange, endpoint, stats, pace);
    };
    handle().catch((thrown: unknown) => refuse(exchange, thrown, endpoint));
  });
}
