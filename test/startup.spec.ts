import { statSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './support/answer.js';
import { runInBash } from './support/bash-session.js';
import { registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { findDatabase, isRunning, query } from './support/embedded-database.js';
import { gate } from './support/gate.js';
import { GatewayProcess } from './support/gateway-process.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { contentOf, openEvents, parseChunks } from './support/sse.js';
import { beginStream, chunk, DONE, startUpstream } from './support/upstream.js';
import { until } from './support/until.js';

describe('a gateway', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('prints commands that stream an answer when they are pasted', async () => {
    const commands = bannerCommands(gateway.stdout());
    expect(commands.length).toBeGreaterThan(0);
    const outputs = await runInBash([commands.join('\n')], gateway.identities['premium-user']);
    expect(outputs[0]?.stdout).toContain('data: ');
    expect(outputs[0]?.stdout).toContain('[DONE]');
  });

  it('keeps its folder to itself', async () => {
    const second = new GatewayProcess({ PORT: '0', METRICS_PORT: '0', MAAS_DATA_DIR: gateway.dataDir });
    expect(await second.end()).toBe(1);
    expect(second.stderr).toMatch(/^[^\n]*MAAS_DATA_DIR: [^\n]*in use[^\n]*\n$/);
    expect((await gateway.call('/health/ready')).status).toBe(200);
  });

  it('comes up by itself with all data after kill -9', async () => {
    const token = await gateway.mint('enterprise-user');
    expect((await chat(gateway, token)).status).toBe(200);
    await registerModel(gateway, { id: 'kept', url: 'simulator:' });
    const identities = gateway.identities;
    const database = findDatabase(gateway.dataDir);
    await gateway.kill9();
    await gateway.restart();
    expect(gateway.identities).toEqual(identities);
    expect(findDatabase(gateway.dataDir)).toMatchObject({ pid: database?.pid, port: database?.port });
    expect((await chat(gateway, token, { model: 'kept' })).status).toBe(200);
    expect(gateway.stderr()).toBe('');
  });

  it('comes up by itself after gateway and database were killed', async () => {
    const token = await gateway.mint('enterprise-user');
    const database = findDatabase(gateway.dataDir);
    await gateway.kill9();
    if (database) process.kill(database.pid, 'SIGKILL');
    await gateway.restart();
    expect((await chat(gateway, token, { model: 'kept' })).status).toBe(200);
  });

  it('keeps its secrets from others on the machine', async () => {
    for (const name of ['identities.json', 'postgres-password']) {
      expect(statSync(join(gateway.dataDir, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('lets a running stream finish on SIGTERM, takes nothing new, and exits with 0', async () => {
    const go = gate();
    const upstream = await startUpstream(async (_request, response) => {
      beginStream(response);
      response.write(chunk('begun'));
      await go.opened;
      response.end(chunk(' and finished') + DONE);
    });
    try {
      await registerModel(gateway, { id: 'draining', url: upstream.url });
      const token = await gateway.mint('enterprise-user');
      const { url } = gateway;
      const body = chatBody('draining', { stream: true });
      const events = await openEvents(`${url}/draining/v1/chat/completions`, { token, body });
      const first = await events.next();
      gateway.signal('SIGTERM');
      const refusal = await until('nothing new is taken', () =>
        call(`${url}/health/ready`, { headers: { connection: 'close' } }).then(
          answer => answer.status === 503 && 'unready',
          () => 'refused',
        ),
      );
      expect(['unready', 'refused']).toContain(refusal);
      expect(gateway.exitCode).toBeNull();
      go.open();
      expect(contentOf(parseChunks([first ?? '', ...(await events.rest())]))).toBe('begun and finished');
      expect(await gateway.ended()).toBe(0);
      const database = findDatabase(gateway.dataDir);
      expect(database).toBeUndefined();
      await gateway.restart();
      const entries = await query<{ outcome: string }>(
        gateway.dataDir,
        'SELECT outcome FROM ledger_entries WHERE model = $1',
        ['draining'],
      );
      expect(entries).toEqual([{ outcome: 'completed' }]);
    } finally {
      await upstream.close();
    }
  });

  it('cuts what still runs when the time to drain is over, and enters it as interrupted', async () => {
    const upstream = await startUpstream((_request, response) => {
      beginStream(response);
      response.write(chunk('endless'));
    });
    const short = await startGateway({ env: { DRAIN_TIMEOUT: '200ms' } });
    try {
      await registerModel(short, { id: 'endless', url: upstream.url });
      const token = await short.mint('enterprise-user');
      const body = chatBody('endless', { stream: true });
      const events = await openEvents(`${short.url}/endless/v1/chat/completions`, { token, body });
      await events.next();
      short.signal('SIGTERM');
      const rest = await events.rest().catch(() => []);
      expect(rest).not.toContain('[DONE]');
      expect(await short.ended()).toBe(0);
      await short.restart();
      const entries = await query<{ outcome: string }>(
        short.dataDir,
        'SELECT outcome FROM ledger_entries WHERE model = $1',
        ['endless'],
      );
      expect(entries).toEqual([{ outcome: 'interrupted' }]);
    } finally {
      await short.dispose();
      await upstream.close();
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('leaves nothing running after %s', async signal => {
    const database = findDatabase(gateway.dataDir);
    expect(await gateway.stop(signal)).toBe(0);
    expect(database && isRunning(database.pid)).toBe(false);
    await gateway.restart();
  });

  it('starts beside another on one fresh Postgres', async () => {
    await query(gateway.dataDir, 'CREATE DATABASE fresh');
    const DATABASE_URL = findDatabase(gateway.dataDir)?.urlOf('fresh') ?? '';
    const started = await Promise.allSettled([
      startGateway({ env: { DATABASE_URL } }),
      startGateway({ env: { DATABASE_URL } }),
    ]);
    const replicas = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    try {
      expect(started.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
      for (const replica of replicas) {
        const { data } = (
          await replica.call('/maas-api/v1/models', { token: replica.identities['premium-user'] })
        ).json<{ data: object[] }>();
        expect(data).toHaveLength(2);
      }
      await expectOneKeyAndRevocation(replicas);
    } finally {
      for (const replica of replicas) await replica.dispose();
    }
  });
});

/** What one replica issues and revokes holds at the other within a second. */
async function expectOneKeyAndRevocation([one, two]: Gateway[]): Promise<void> {
  if (!one || !two) throw new Error('two replicas are needed');
  const token = await one.mint('premium-user');
  const models = () => two.call('/maas-api/v1/models', { token });
  await until('the other replica accepts the token', async () => (await models()).status === 200, 2_000);
  expect((await one.call('/maas-api/v1/tokens', { method: 'DELETE', token })).status).toBe(204);
  await until('the other replica refuses the token', async () => (await models()).status === 401, 2_000);
}

/** The lines of the banner that are shell: from the first curl or assignment on, with their continuations. */
function bannerCommands(stdout: string): string[] {
  const lines = stdout.split('\n').filter(line => !line.startsWith('{'));
  const isCommand = (line: string): boolean => /^\s*(?:[A-Z_]+=|curl |export )/.test(line);
  return lines.filter((line, at) => isCommand(line) || (lines[at - 1] ?? '').endsWith('\\'));
}
