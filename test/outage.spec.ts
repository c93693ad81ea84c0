import { call } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startSimulator, type SimulatorProcess } from './support/simulator-process.js';
import { openEvents } from './support/sse.js';
import { until } from './support/until.js';
import { sendJson, startUpstream, type Reply } from './support/upstream.js';

interface Timed {
  status: number;
  attempts: number;
  startedAtMs: number;
  tookMs: number;
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

describe('two servers of a model', () => {
  let gateway: Gateway;
  let token: string;
  const simulators = new Set<SimulatorProcess>();

  beforeAll(async () => {
    gateway = await startGateway({ env: { UPSTREAM_CHECK_INTERVAL: '200ms' } });
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    for (const simulator of simulators) await simulator.stop();
  });

  const simulate = async (variables: Record<string, string>): Promise<SimulatorProcess> => {
    const started = await startSimulator(variables);
    simulators.add(started);
    return started;
  };
  const stats = async ({ url }: SimulatorProcess): Promise<{ requests: number; active: number }> =>
    (await call(`${url}/stats`)).json();
  const serve = async (id: string, ...urls: string[]): Promise<void> => {
    await registerModel(gateway, { id, url: urls[0] ?? '' });
    for (const url of urls.slice(1)) {
      const added = await gateway.admin(`/models/${id}/upstreams`, { body: { url } });
      expect(added.status).toBe(201);
    }
  };
  const states = async (model: string): Promise<string[]> =>
    (await gateway.admin(`/models/${model}/upstreams`))
      .json<{ data: { health: { state: string } }[] }>()
      .data.map(({ health }) => health.state);
  const timed = async (model: string): Promise<Timed> => {
    const startedAtMs = performance.now();
    const { status, headers } = await chat(gateway, token, { model, fields: { max_tokens: 2 } });
    const attempts = Number(headers.get('x-upstream-attempts'));
    return { status, attempts, startedAtMs, tookMs: performance.now() - startedAtMs };
  };
  /** Sends so many requests, some at a time. @param each is told of every answer */
  const load = async (
    model: string,
    count: number,
    parallel: number,
    each?: (done: number) => void,
  ): Promise<Timed[]> => {
    const answers: Timed[] = [];
    let sent = 0;
    const work = async (): Promise<void> => {
      while (sent < count) {
        sent += 1;
        answers.push(await timed(model));
        each?.(answers.length);
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return answers;
  };
  const statusesOf = (answers: Timed[]): number[] => [...new Set(answers.map(({ status }) => status))];

  it('lose one to a kill: what had no byte yet is answered by the other, which takes all, until the first is back', async () => {
    const pace = { SIMULATOR_FIRST_TOKEN_DELAY_MS: '50', SIMULATOR_TOKENS_PER_SECOND: '20' };
    const [one, other] = [await simulate(pace), await simulate(pace)];
    await serve('pair', `${one.url}/v1`, `${other.url}/v1`);
    const body = chatBody('pair', { stream: true });
    const headers = { 'x-simulator-fault': 'tokens=200' };
    const streams = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const events = await openEvents(`${gateway.url}/pair/v1/chat/completions`, { token, body, headers });
        await events.next();
        return events;
      }),
    );
    const [onOne, onOther] = [(await stats(one)).active, (await stats(other)).active];
    expect(onOne + onOther).toBe(50);
    expect(Math.min(onOne, onOther)).toBeGreaterThan(10);

    let killedAtMs = Number.POSITIVE_INFINITY;
    let killed: Promise<void> | undefined;
    const unary = await load('pair', 200, 20, done => {
      if (done !== 40) return;
      killedAtMs = performance.now();
      killed = one.stop('SIGKILL');
    });
    await killed;
    simulators.delete(one);
    expect(statusesOf(unary)).toEqual([200]);
    expect(unary).toHaveLength(200);
    const retried = unary.filter(({ attempts }) => attempts > 1);
    expect(retried.filter(({ startedAtMs }) => startedAtMs > killedAtMs + 1000)).toEqual([]);

    const ends = (await Promise.all(streams.map(events => events.rest()))).map(events => events.at(-1) ?? '');
    expect(ends.filter(last => last === '[DONE]')).toHaveLength(onOther);
    expect(ends.filter(last => last.includes('"code":"upstream_error"'))).toHaveLength(onOne);

    expect((await states('pair')).sort()).toEqual(['closed', 'open']);
    const before = (await stats(other)).requests;
    const after = await load('pair', 60, 6);
    expect(after.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(after.map(() => '200 1'));
    expect((await stats(other)).requests - before).toBe(60);

    const back = await simulate({ ...pace, SIMULATOR_PORT: new URL(one.url).port });
    await until('it takes requests again', async () => {
      expect((await timed('pair')).status).toBe(200);
      return (await stats(back)).requests > 0 && (await states('pair')).every(state => state === 'closed');
    });
    const asked = (await stats(back)).requests;
    expect(statusesOf(await load('pair', 100, 10))).toEqual([200]);
    const share = (await stats(back)).requests - asked;
    expect(share).toBeGreaterThan(25);
    expect(share).toBeLessThan(75);
  });

  it('of which one is ten times slower are asked as they answer, and the median is that of the fast one', async () => {
    const [fast, slow] = [
      await simulate({ SIMULATOR_FIRST_TOKEN_DELAY_MS: '100', SIMULATOR_TOKENS_PER_SECOND: '0' }),
      await simulate({ SIMULATOR_FIRST_TOKEN_DELAY_MS: '1000', SIMULATOR_TOKENS_PER_SECOND: '0' }),
    ];
    await serve('uneven', `${slow.url}/v1`, `${fast.url}/v1`);
    const answers = await load('uneven', 300, 20);
    expect(statusesOf(answers)).toEqual([200]);
    expect((await stats(fast)).requests).toBeGreaterThan(200);
    expect(median(answers.map(({ tookMs }) => tookMs))).toBeLessThan(1000);
  });

  it('that fail every request are sent no more than 1.2 times the traffic', async () => {
    // Nothing shuts it: it says that it is busy, and that it may be asked again at once.
    const busy: Reply = (_request, response) => sendJson(response, 429, {}, { 'retry-after': '0' });
    const [one, other] = [await startUpstream(busy), await startUpstream(busy)];
    try {
      await serve('failing', one.url, other.url);
      expect(statusesOf(await load('failing', 500, 10))).toEqual([503]);
      expect(one.received.length + other.received.length).toBe(600);
    } finally {
      await one.close();
      await other.close();
    }
  });

  it('of which one fails every request answer all by the other, and the failing one is hardly asked', async () => {
    const failing = await startUpstream((_request, response) => sendJson(response, 500, {}));
    const well = await simulate({ SIMULATOR_FIRST_TOKEN_DELAY_MS: '0', SIMULATOR_TOKENS_PER_SECOND: '0' });
    try {
      await serve('half', failing.url, `${well.url}/v1`);
      expect(statusesOf(await load('half', 500, 10))).toEqual([200]);
      expect((await stats(well)).requests).toBe(500);
      expect(failing.received.length).toBeLessThan(50);
    } finally {
      await failing.close();
    }
  });
});
