import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { call } from './support/answer.js';
import { runInBash } from './support/bash-session.js';
import { registerModel } from './support/catalog.js';
import { chat, chatBody } from './support/chat.js';
import { findDatabase, isRunning, query } from './support/embedded-database.js';
import { gate } from './support/gate.js';
import { GatewayProcess } from './support/gateway-process.js';
import { freshFolder, startGateway, type Gateway } from './support/gateway.js';
import { contentOf, openEvents, parseChunks } from './support/sse.js';
import { beginStream, chunk, DONE, startUpstream } from './support/upstream.js';
import { until } from './support/until.js';

const SECRET = 's3cret-w0rd';

describe('a start that cannot go on', () => {
  let folder: string;

  beforeEach(() => {
    folder = freshFolder();
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Exit code 1 and one line on stderr, which names the variable. */
  const expectOneLine = async (env: Record<string, string>, line: RegExp): Promise<void> => {
    const run = new GatewayProcess({ PORT: '0', METRICS_PORT: '0', MAAS_DATA_DIR: join(folder, 'data'), ...env });
    const exitCode = await run.end();
    expect({ exitCode, stderr: run.stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^[^\n]+\n$/) as string,
    });
    expect(run.stderr).toMatch(line);
    expect(run.stdout + run.stderr).not.toContain(SECRET);
    expect(run.stdout).not.toMatch(/^\s+at /m);
    expect(run.stdout).not.toMatch(/"level":[56]0/);
    const left = findDatabase(join(folder, 'data'));
    expect(left !== undefined && isRunning(left.pid)).toBe(false);
  };
  const taken = async (): Promise<{ server: Server; port: string }> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, port: String((server.address() as AddressInfo).port) };
  };

  it.each<[string, string, RegExp]>([
    ['PORT', '70000', /PORT: "70000".*65535/],
    ['PORT', 'http', /PORT: "http"/],
    ['METRICS_PORT', '-1', /METRICS_PORT: "-1"/],
    ['MAAS_TOKEN_MAX_TTL', '0s', /MAAS_TOKEN_MAX_TTL: "0s"/],
    ['MAAS_TOKEN_DEFAULT_TTL', 'soon', /MAAS_TOKEN_DEFAULT_TTL: "soon".*4h/],
    ['MAAS_TOKEN_DEFAULT_TTL', '25h', /MAAS_TOKEN_DEFAULT_TTL: "25h".*MAAS_TOKEN_MAX_TTL.*24h/],
    ['MAAS_MAX_BODY_BYTES', '12', /MAAS_MAX_BODY_BYTES: "12".*1024/],
    ['MAAS_MAX_UPLOAD_BYTES', '1GB', /MAAS_MAX_UPLOAD_BYTES: "1GB".*1024/],
    ['LEDGER_JOURNAL_MAX_BYTES', '4096', /LEDGER_JOURNAL_MAX_BYTES: "4096".*4194304/],
    ['LEDGER_SYNC_MS', '0', /LEDGER_SYNC_MS: "0".*60000/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL: "loud".*debug/],
    ['PUBLIC_GATEWAY_URL', 'gateway.example', /PUBLIC_GATEWAY_URL: "gateway.example"/],
    ['MAAS_ADMIN_GROUPS', ' , ', /MAAS_ADMIN_GROUPS/],
    ['MAAS_ENCRYPTION_KEY', SECRET, /MAAS_ENCRYPTION_KEY: what it holds \(not shown\).*32 bytes/],
    ['DATABASE_URL', `mysql://root:${SECRET}@db/x`, /DATABASE_URL.*not shown.*postgres:\/\//],
    ['REDIS_URL', `http://root:${SECRET}@cache`, /REDIS_URL.*not shown/],
  ])('says so in one line: %s=%s', async (name, value, line) => {
    await expectOneLine({ [name]: value }, line);
  });

  it('says that two listeners cannot have one port', async () => {
    await expectOneLine(
      { PORT: '18099', METRICS_PORT: '18099' },
      /PORT and METRICS_PORT: both are 18099 on 127\.0\.0\.1/,
    );
  });

  it.each([['PORT'], ['METRICS_PORT']])('says that the port of %s is taken', async variable => {
    const { server, port } = await taken();
    try {
      await expectOneLine({ [variable]: port }, new RegExp(`${variable}.*${port}`));
    } finally {
      server.close();
    }
  });

  it('says that the data folder cannot be written', async () => {
    // A file where the folder should be stops root too, whom no permission would.
    const file = join(folder, 'file');
    writeFileSync(file, 'in the way');
    await expectOneLine({ MAAS_DATA_DIR: file }, /MAAS_DATA_DIR/);
    await expectOneLine({ MAAS_DATA_DIR: join(file, 'below') }, /MAAS_DATA_DIR/);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each(['/proc/x', '/proc/1/x'])('says that no data folder can be made there: %s', async path => {
    await expectOneLine({ MAAS_DATA_DIR: path }, new RegExp(`MAAS_DATA_DIR: ${path} cannot be written \\(E[A-Z]+\\)`));
  });

  it('says that the data folder’s database is damaged', async () => {
    const data = join(folder, 'data');
    mkdirSync(join(data, 'postgres'), { recursive: true });
    writeFileSync(join(data, 'postgres', 'PG_VERSION'), 'nonsense');
    await expectOneLine({}, /MAAS_DATA_DIR/);
  });

  it('says that nobody answers at DATABASE_URL', async () => {
    const { server, port } = await taken();
    server.close();
    await once(server, 'close');
    await expectOneLine({ DATABASE_URL: `postgres://maas:${SECRET}@127.0.0.1:${port}/maas` }, /DATABASE_URL/);
  });

  it('says that who answers at DATABASE_URL is no Postgres', async () => {
    const { server, port } = await taken();
    server.on('connection', socket => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    try {
      await expectOneLine({ DATABASE_URL: `postgres://maas:${SECRET}@127.0.0.1:${port}/maas` }, /DATABASE_URL/);
    } finally {
      server.close();
    }
  });

  it('says that who takes the connection at DATABASE_URL stays silent', async () => {
    const { server, port } = await taken();
    server.on('connection', socket => socket.on('error', () => undefined));
    try {
      await expectOneLine({ DATABASE_URL: `postgres://maas:${SECRET}@127.0.0.1:${port}/maas` }, /DATABASE_URL/);
    } finally {
      server.close();
    }
  });
});

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
