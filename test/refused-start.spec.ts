import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { findDatabase, isRunning } from './support/embedded-database.js';
import { GatewayProcess } from './support/gateway-process.js';
import { freshFolder } from './support/gateway.js';

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
