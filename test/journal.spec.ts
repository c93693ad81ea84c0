import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { call, expectError } from './support/answer.js';
import { placeInTier, registerModel } from './support/catalog.js';
import { chat, type ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { startHeld, type HeldUpstream } from './support/held-upstream.js';
import { until } from './support/until.js';

interface Entry {
  requestId: string;
  model: string;
  outcome: string;
  usageSource: string;
  inputTokens: number;
  outputTokens: number;
  startedAt: string;
  endedAt: string;
}

describe('the journal', () => {
  let gateway: Gateway;
  let held: HeldUpstream;
  let token: string;
  const folder = (): string => join(gateway.dataDir, 'journal');
  const entries = async (): Promise<Entry[]> => {
    const answer = await gateway.call('/maas-api/v1/usage/requests?limit=100', { token });
    return answer.json<{ data: Entry[] }>().data;
  };
  const leftOf = async (unit: string): Promise<string | null> => {
    const answer = await gateway.call('/simulator/v1/chat/completions', { method: 'HEAD', token });
    return answer.headers.get(`x-ratelimit-remaining-${unit}`);
  };

  const accepting = async (): Promise<string | undefined> =>
    /^maas_journal_accepting (\d)$/m.exec((await call(new URL('/metrics', gateway.metricsUrl).href)).text)?.[1];

  beforeAll(async () => {
    gateway = await startGateway();
    held = await startHeld({ prompt: 5, completion: 5 });
    await registerModel(gateway, { id: 'held', url: held.url });
    await placeInTier(gateway, 'enterprise-user', [{ unit: 'tokens', limit: 10_000, window: '1h' }]);
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    await held.close();
  });

  it('gives each request that was running at kill -9 one entry, interrupted and charged as estimated', async () => {
    const answer = await chat(gateway, token, { headers: { 'x-request-id': 'finished' } });
    const { usage } = answer.json<ChatCompletion>();
    const running = ['one', 'two'].map(id =>
      chat(gateway, token, { model: 'held', headers: { 'x-request-id': id } }).catch(() => 'cut'),
    );
    await until('both are upstream', () => held.received.length === 2);
    await gateway.kill9();
    expect(await Promise.all(running)).toEqual(['cut', 'cut']);
    await gateway.restart();
    const [, , finished] = await entries();
    expect(finished).toMatchObject({ requestId: 'finished', outcome: 'completed', inputTokens: usage.prompt_tokens });
    const interrupted = (await entries()).filter(entry => entry.model === 'held');
    expect(interrupted.map(({ requestId }) => requestId).sort()).toEqual(['one', 'two']);
    for (const entry of interrupted) {
      expect(entry).toMatchObject({ outcome: 'interrupted', usageSource: 'estimated', outputTokens: 10 });
      expect(entry.inputTokens).toBeGreaterThan(0);
      expect(entry.endedAt >= entry.startedAt).toBe(true);
    }
  });

  it('brings what was interrupted into the limits', async () => {
    const used = (await entries()).reduce((sum, entry) => sum + entry.inputTokens + entry.outputTokens, 0);
    expect(await leftOf('tokens')).toBe(String(10_000 - used));
  });

  it('doubles nothing, however often the process is killed', async () => {
    const before = await entries();
    for (let round = 0; round < 2; round++) {
      await gateway.kill9();
      await gateway.restart();
    }
    expect(await entries()).toEqual(before);
  });

  it('refuses what it cannot write down, before it goes upstream and uses anything up, until it can again', async () => {
    const tokensLeft = await leftOf('tokens');
    const sent = held.received.length;
    rmSync(folder(), { recursive: true });
    expectError(await chat(gateway, token, { model: 'held' }), 503, {
      code: 'upstream_unavailable',
      message: 'Usage cannot be recorded at the moment',
    });
    expect(held.received).toHaveLength(sent);
    expect(await accepting()).toBe('0');
    expect(await leftOf('tokens')).toBe(tokensLeft);
    mkdirSync(folder());
    held.release();
    await until('requests are served', async () => (await chat(gateway, token, { model: 'held' })).status === 200);
    expect(await accepting()).toBe('1');
    expect(gateway.stdout()).toContain('requests are refused');
    expect(gateway.stdout()).toContain('requests are accepted');
  });

  it('is empty after a stop', async () => {
    expect(await gateway.stop()).toBe(0);
    expect(readdirSync(folder())).toEqual([]);
  });
});
