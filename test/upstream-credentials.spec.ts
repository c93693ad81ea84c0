import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expectError } from './support/answer.js';
import { registerModel } from './support/catalog.js';
import { chat } from './support/chat.js';
import { query } from './support/embedded-database.js';
import { GatewayProcess } from './support/gateway-process.js';
import { freshFolder, startGateway, type Gateway } from './support/gateway.js';
import { startMigratedDatabase, type MigratedDatabase } from './support/migrated-database.js';
import { until } from './support/until.js';
import { completion, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

interface AdminUpstream {
  id: string;
  hasApiKey: boolean;
}

const credential = (): string => `sk-${randomBytes(24).toString('hex')}`;

/** Every file below the folder that holds the text, the database's and its log of changes among them. */
const filesWith = (text: string, folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true && readFileSync(path).includes(text));

describe("an upstream's credential", () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({ env: { LOG_LEVEL: 'trace' } });
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('x', { prompt: 1, completion: 1 })),
    );
    token = await gateway.mint('enterprise-user');
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const upstreamOf = async (model: string): Promise<AdminUpstream> => {
    const [first] = (await gateway.admin(`/models/${model}`)).json<{ upstreams: AdminUpstream[] }>().upstreams;
    if (first === undefined) throw new Error(`${model} has no upstream`);
    return first;
  };
  /** What the upstream is sent as the gateway's credential. */
  const sentFor = async (model: string): Promise<string | undefined> => {
    expect((await chat(gateway, token, { model })).status).toBe(200);
    return upstream.received.at(-1)?.headers.authorization;
  };
  const stored = async (id: string): Promise<string | null | undefined> =>
    (await query<{ api_key: string | null }>(gateway.dataDir, 'SELECT api_key FROM upstreams WHERE id = $1', [id]))[0]
      ?.api_key;

  it('is told by no answer, kept in clear in no file and written to no log', async () => {
    const [first, second, tooOdd] = [credential(), credential(), `${credential()}\u00e9`];
    const answers = [
      await gateway.admin('/models', {
        body: { id: 'secretive', tier: 'free', upstreams: [{ url: upstream.url, apiKey: first }] },
      }),
      await gateway.admin('/models/secretive/upstreams', { body: { url: upstream.url, apiKey: second, priority: 1 } }),
      await gateway.admin('/models/secretive/upstreams', { body: { url: upstream.url, apiKey: tooOdd } }),
      await gateway.admin('/models/secretive', { method: 'PATCH', body: { description: 'changed' } }),
      await gateway.admin('/models/secretive'),
      await gateway.admin('/models'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 400, 200, 200, 200]);
    expect(answers[0]?.json()).toMatchObject({ upstreams: [{ hasApiKey: true }] });
    expect(await sentFor('secretive')).toBe(`Bearer ${first}`);
    await query(gateway.dataDir, 'CHECKPOINT');
    for (const secret of [first, second, tooOdd]) {
      expect(answers.filter(({ text }) => text.includes(secret))).toEqual([]);
      expect(filesWith(secret, gateway.dataDir)).toEqual([]);
      expect(gateway.stdout() + gateway.stderr()).not.toContain(secret);
    }
  });

  it('is rotated and taken away without a restart', async () => {
    const [first, second] = [credential(), credential()];
    await registerModel(gateway, { id: 'rotated', url: upstream.url, upstream: { apiKey: first } });
    expect(await sentFor('rotated')).toBe(`Bearer ${first}`);
    const { id } = await upstreamOf('rotated');
    const path = `/models/rotated/upstreams/${id}`;
    const rotated = await gateway.admin(path, { method: 'PATCH', body: { apiKey: second } });
    expect({ status: rotated.status, body: rotated.json() }).toMatchObject({ status: 200, body: { hasApiKey: true } });
    await until('the new one is sent', async () => (await sentFor('rotated')) === `Bearer ${second}`, 1_000);
    const reweighted = await gateway.admin(path, { method: 'PATCH', body: { weight: 2 } });
    expect(reweighted.json()).toMatchObject({ hasApiKey: true, weight: 2 });
    expect(await sentFor('rotated')).toBe(`Bearer ${second}`);
    const taken = await gateway.admin(path, { method: 'PATCH', body: { apiKey: null } });
    expect(taken.json()).toMatchObject({ hasApiKey: false });
    await until('none is sent', async () => (await sentFor('rotated')) === undefined, 1_000);
  });

  describe('after a start on what others wrote into the database', () => {
    const [legacy, secret] = [credential(), credential()];
    let [inClear, thief] = ['', ''];

    beforeAll(async () => {
      const write = (id: string, text: string | null | undefined) =>
        query(gateway.dataDir, 'UPDATE upstreams SET api_key = $1 WHERE id = $2', [text, id]);
      for (const id of ['legacy', 'thief']) await registerModel(gateway, { id, url: upstream.url });
      await registerModel(gateway, { id: 'owner', url: upstream.url, upstream: { apiKey: secret } });
      inClear = (await upstreamOf('legacy')).id;
      thief = (await upstreamOf('thief')).id;
      await write(inClear, legacy);
      await write(thief, await stored((await upstreamOf('owner')).id));
      await gateway.restart();
    });

    it('is sealed, where an older version stored it in clear', async () => {
      expect(await sentFor('legacy')).toBe(`Bearer ${legacy}`);
      expect(await stored(inClear)).toMatch(/^sealed 1 /);
    });

    it('opens for its own upstream alone', async () => {
      const received = upstream.received.length;
      expectError(await chat(gateway, token, { model: 'thief' }), 503, { code: 'upstream_unavailable' });
      expect(upstream.received).toHaveLength(received);
      expect(gateway.stdout()).toContain(`upstream ${thief} of 'thief' is left out`);
      expect(await sentFor('owner')).toBe(`Bearer ${secret}`);
    });
  });
});

describe('the key that seals credentials', () => {
  let folder: string;
  /** Lives through all starts, which are many here. */
  let postgres: MigratedDatabase;
  let upstream: TestUpstream;
  const key = (): string => randomBytes(32).toString('base64');

  beforeAll(async () => {
    folder = freshFolder();
    postgres = await startMigratedDatabase();
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('x', { prompt: 1, completion: 1 })),
    );
  });

  afterAll(async () => {
    await postgres.dispose();
    rmSync(folder, { recursive: true, force: true });
    await upstream.close();
  });

  /** Runs a gateway with the keys, and @returns what it sends as its credential. */
  const sentWith = async (keys: string | undefined, setUp?: (gateway: Gateway) => Promise<void>): Promise<unknown> => {
    const env = { DATABASE_URL: postgres.url, ...(keys !== undefined && { MAAS_ENCRYPTION_KEY: keys }) };
    const gateway = await startGateway({ dataDir: folder, env });
    try {
      await setUp?.(gateway);
      const token = await gateway.mint('enterprise-user');
      expect((await chat(gateway, token, { model: 'sealed' })).status).toBe(200);
      return upstream.received.at(-1)?.headers.authorization;
    } finally {
      await gateway.dispose();
    }
  };

  const secret = credential();
  const [first, second, wrong] = [key(), key(), key()];

  it('is made at the first start, for its owner alone', async () => {
    const add = (gateway: Gateway): Promise<void> =>
      registerModel(gateway, { id: 'sealed', url: upstream.url, upstream: { apiKey: secret } });
    expect(await sentWith(undefined, add)).toBe(`Bearer ${secret}`);
    expect(statSync(join(folder, 'encryption-key')).mode & 0o777).toBe(0o600);
  });

  it('moves to the environment, and is rotated there', async () => {
    expect(await sentWith(first)).toBe(`Bearer ${secret}`);
    // What was sealed with the folder's key is sealed with the environment's by now.
    rmSync(join(folder, 'encryption-key'));
    expect(await sentWith(`${second},${first}`)).toBe(`Bearer ${secret}`);
  });

  it('stops the start in one line where it is wrong, and nothing is lost by it', async () => {
    const settings = { PORT: '0', METRICS_PORT: '0', MAAS_DATA_DIR: folder, DATABASE_URL: postgres.url };
    const run = new GatewayProcess({ ...settings, MAAS_ENCRYPTION_KEY: wrong });
    expect(await run.end()).toBe(1);
    expect(run.stderr).toMatch(/^maas-gateway: MAAS_ENCRYPTION_KEY: a credential of the model 'sealed' .*\n$/);
    expect(run.stdout + run.stderr).not.toContain(wrong);
    expect(await sentWith(second)).toBe(`Bearer ${secret}`);
  });
});
