import { call, expectError } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startSimulator, type SimulatorProcess } from './support/simulator-process.js';
import { openEvents, parseChunks } from './support/sse.js';
import { until } from './support/until.js';

interface Stats {
  requests: number;
  active: number;
  aborted: number;
}

describe('a simulator of its own', () => {
  let simulator: SimulatorProcess;
  let gateway: Gateway;
  let token: string;
  const stats = async (): Promise<Stats> => (await call(`${simulator.url}/stats`)).json<Stats>();
  const register = async (fault: string): Promise<string> => {
    await registerModel(gateway, { id: fault, url: 'simulator:', upstream: { model: fault } });
    return fault;
  };
  const streamOf = (model: string, signal?: AbortSignal, max_tokens = 50) =>
    openEvents(`${gateway.url}/${model}/v1/chat/completions`, {
      token,
      body: chatBody(model, { stream: true, max_tokens, messages: [{ role: 'user', content: 'Tell me more.' }] }),
      signal,
    });

  beforeAll(async () => {
    simulator = await startSimulator();
    gateway = await startGateway({ env: { MAAS_SIMULATOR_URL: simulator.url } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    await simulator.stop();
  });

  it('serves the models of the guide', async () => {
    const before = await stats();
    for (const model of ['simulator', 'qwen3']) expect((await chat(gateway, token, { model })).status).toBe(200);
    expect((await stats()).requests).toBe(before.requests + 2);
  });

  it('sees that a client of the gateway has left', async () => {
    const before = await stats();
    const leaving = new AbortController();
    // Long enough to be still running when the client has gone, however busy the machine.
    await (await streamOf('simulator', leaving.signal, 1000)).next();
    leaving.abort();
    await until('the simulator counts the abort', async () => (await stats()).aborted === before.aborted + 1);
    expect((await stats()).active).toBe(0);
  });

  it('is cut after three pieces, and the client is told', async () => {
    const events = await (await streamOf(await register('fault-cut-after-3'))).rest();
    expect(events).not.toContain('[DONE]');
    expect(parseChunks(events).at(-1)?.error).toMatchObject({ type: 'api_error', code: 'upstream_error' });
  });

  it('breaks off within an event, and the client is told', async () => {
    const events = await (await streamOf(await register('fault-malformed'))).rest();
    expect(events).not.toContain('[DONE]');
    expect(parseChunks(events.slice(-1))[0]?.error).toMatchObject({ type: 'api_error', code: 'upstream_error' });
  });

  it('reports no usage, and its tokens are counted all the same', async () => {
    const model = await register('fault-no-usage');
    expect((await (await streamOf(model)).rest()).at(-1)).toBe('[DONE]');
    const entry = await until('the ledger has the request', async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests', { token });
      const { data } = answer.json<{ data: { model: string; usageSource: string; outputTokens: number }[] }>();
      return data.find(entered => entered.model === model);
    });
    expect(entry.usageSource).toMatch(/^(?:counted|estimated)$/);
    // Another tokenizer may count a token more or less.
    expect(Math.abs(entry.outputTokens - 50)).toBeLessThanOrEqual(2);
  });

  it('fails, and its failure is not the caller’s', async () => {
    for (const status of [401, 403, 429, 500, 503]) {
      const answer = await chat(gateway, token, { model: await register(`fault-status-${status}`) });
      expect([502, 503]).toContain(answer.status);
      expectError(answer, answer.status, { type: 'api_error' });
    }
  });

  it('refuses a prompt as too long in its own words', async () => {
    const answer = await chat(gateway, token, { model: await register('fault-context-length') });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('maximum context length');
  });
});
