import { type Answer, expectError } from './support/answer.js';
import { chatBody } from './support/chat.js';
import { registerModel } from './support/catalog.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { scrape, valueOf } from './support/metrics.js';
import { RawConnection } from './support/raw-connection.js';
import { completion, type ReceivedChat, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const MAX_BODY_BYTES = 32 * MIB;
const CHAT = '/simulator/v1/chat/completions';
const NAMED = '/v1/chat/completions';

/** A body of the length, with the text repeated in its middle. */
function filled(before: string, repeated: string, after: string, length = MAX_BODY_BYTES): string {
  const times = Math.floor((length - before.length - after.length) / repeated.length);
  return before + repeated.repeat(times) + after;
}

/** Bodies of the largest allowed size that took seconds, or all memory, to be parsed. */
const HOSTILE: Record<string, string> = {
  'a list of empty objects': filled('{"model":"recorded","prompt":[', '{},', '{}],"max_tokens":1}'),
  'a key with an escape before them': filled('{"\\u0061":1,"model":"recorded","x":[', '{},', '{}],"max_tokens":1}'),
  'millions of members': filled('{"model":"recorded","x":{', '"a":1,', '"b":2},"max_tokens":1}'),
  'nested lists': filled('{"model":"recorded","x":[', '[[[[]]]],', '1],"max_tokens":1}'),
  'a text of escapes': filled('{"model":"recorded","x":"', '\\u0041', '","max_tokens":1}'),
  'a text of backslashes and quotes': filled('{"model":"recorded","x":"', '\\\\\\"', '","max_tokens":1}'),
  numbers: filled('{"model":"recorded","x":[', '-1.5e+3,', '0],"max_tokens":1}'),
  blanks: filled('{"model":"recorded",', ' ', '"max_tokens":1}'),
};

describe('a hostile body', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;
  let free: string;

  beforeAll(async () => {
    gateway = await startGateway({ env: { NODE_OPTIONS: '--max-old-space-size=512' } });
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, completion('done', { prompt: 1, completion: 1 })),
    );
    await registerModel(gateway, { id: 'recorded', url: upstream.url });
    token = await gateway.mint('enterprise-user');
    free = await gateway.mint('free-user');
  });
  afterEach(async () => expect((await gateway.call('/health/live')).status).toBe(200));
  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const lastReceived = (): ReceivedChat => JSON.parse(upstream.received.at(-1)?.body ?? '') as ReceivedChat;

  it.each(Object.keys(HOSTILE))('of the largest size is answered: %s', async name => {
    const body = HOSTILE[name];
    const statusOf = async (path: string): Promise<number> => (await gateway.call(path, { token: free, body })).status;
    expect(await statusOf('/qwen3/v1/chat/completions')).toBe(403);
    expect(await statusOf('/nonesuch/v1/chat/completions')).toBe(404);
    expect(await statusOf('/maas-api/v1/tokens')).toBe(413);
    expect([200, 429]).toContain(await statusOf('/v1/completions'));
  });

  it('does not exhaust a heap of 512 MB when ten of them come at once', async () => {
    const bodies = Object.values(HOSTILE);
    const calls = Array.from({ length: 10 }, (_, index) =>
      gateway.call('/v1/chat/completions', { token, body: bodies[index % bodies.length] }),
    );
    for (const { status } of await Promise.all(calls)) expect([200, 429]).toContain(status);
    expect(gateway.exitCode).toBeNull();
  });

  it.each([
    filled('{"messages":"', 'x', '","model":"simulator","max_tokens":tru}', 100_000),
    filled('{"messages":"', 'x', '","model":"simulator","stream":[1}', 100_000),
    filled('{"messages":"', 'x', '","model":{"a":"simulator"}}', 100_000),
    filled('{"messages":"', 'x', '","model":"simulator","max_tokens":1.5}', 100_000),
    filled('{"messages":"', 'x', '","model":"simulator","stream":"yes"}', 200_000),
  ])('with a malformed setting is a 400, whatever its length: %#', async body => {
    const answer = await gateway.call(NAMED, { token, body });
    expect(answer.status).toBe(400);
  });

  it.each([
    '{"model":"recorded","Model":"qwen3","messages":[]}',
    '{"model":"recorded","MAX_TOKENS":4000,"messages":[]}',
    '{"model":"recorded","\u017ftream":true,"messages":[]}',
    '{"model":"recorded","max_to\u212aens":4000,"messages":[]}',
    '{"model":"recorded","model":"qwen3","messages":[]}',
  ])('that a reader without regard to case takes for another is refused: %s', async body => {
    const before = upstream.received.length;
    for (const path of [NAMED, '/recorded/v1/chat/completions'])
      expectError(await gateway.call(path, { token, body }), 400, { code: 'invalid_request' });
    expect(upstream.received).toHaveLength(before);
  });

  it('that leaves the model to the path goes upstream with it', async () => {
    for (const body of ['{"messages":[]}', '{}', ' { } ', filled('{"messages":"', 'x', '"}', 200_000)]) {
      const answer = await gateway.call('/recorded/v1/chat/completions', { token, body });
      expect(answer.status).toBe(200);
      expect(lastReceived()).toEqual({ ...(JSON.parse(body) as object), model: 'recorded' });
    }
  });

  it('of the control plane may have 256 KiB, 10,000 values, and ten unknown fields in its error', async () => {
    const identity = gateway.identities['enterprise-user'];
    const send = (path: string, body: unknown): Promise<Answer> => gateway.call(path, { token: identity, body });
    const tooLarge = filled('{"name":"', 'x', '"}', 256 * 1024 + 10);
    expectError(await send('/maas-api/v1/tokens', tooLarge), 413, { code: 'request_too_large' });
    const groups = filled('{"groups":[', '{},', '{}]}', 256 * 1024);
    expectError(await send('/maas-api/v1/tiers/lookup', groups), 400, {
      message: 'The body has more than 10000 values',
    });
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
    const refusal = await send('/maas-api/v1/tokens', fields);
    expectError(refusal, 400, { param: 'field0' });
    expect(refusal.text.length).toBeLessThan(400);
    expect(refusal.text).toContain('field9 and 490 more');
  });

  it.each([
    ['//v1//chat/completions/', 200],
    ['/recorded//v1/chat/completions', 200],
    ['/recorded/v1/chat/completions/', 200],
    ['//recorded/v1/chat/completions/?x=/', 200],
    ['/v1/', 404],
  ])('has a path whose further slashes mean nothing: %s', async (path, status) => {
    expect((await gateway.call(path, { token, body: chatBody('recorded') })).status).toBe(status);
  });
});

describe.each(['on', 'off'])('a body that has not come, with MAAS_PLAIN_HTTP=%s,', plain => {
  let gateway: Gateway;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({
      env: { MAAS_PLAIN_HTTP: plain, MAAS_MAX_BODY_BYTES: String(MIB), MAAS_MAX_INFLIGHT_BYTES: String(2 * MIB) },
    });
    token = await gateway.mint('free-user');
  });
  afterAll(() => gateway.dispose());

  const head = (path: string, headers: string[]): string =>
    [`POST ${path} HTTP/1.1`, 'Host: gateway', ...headers, '', ''].join('\r\n');
  const heldBytes = async (): Promise<number | undefined> => valueOf(await scrape(gateway), 'maas_held_body_bytes');

  const ways = [
    ['a length', ['Content-Type: application/json', `Content-Length: ${MIB}`]],
    ['a charset', ['Content-Type: application/json; charset=utf-8', `Content-Length: ${MIB}`]],
    ['chunks', ['Content-Type: application/json', 'Transfer-Encoding: chunked']],
    ['100-continue', ['Content-Type: application/json', 'Content-Length: 100', 'Expect: 100-continue']],
  ] as const;

  it.each(ways)('is not waited for where its head is refused: with %s', async (_way, headers) => {
    const bearer = `Authorization: Bearer ${token}`;
    const refusals: [string, string, number][] = [
      [CHAT, 'Authorization: Bearer forged', 401],
      [NAMED, 'X-Nothing: here', 401],
      ['/qwen3/v1/chat/completions', bearer, 403],
      ['/nonesuch/v1/chat/completions', bearer, 404],
    ];
    for (const [path, authorization, status] of refusals) {
      const connection = await RawConnection.open(gateway.url);
      await connection.send(head(path, [authorization, ...headers]));
      await connection.untilStatus(status);
      expect(connection.statuses).toEqual([status]);
      connection.close();
    }
  });

  it('is asked for with 100-continue once its head is admitted, and behind the answers before it', async () => {
    const body = JSON.stringify(chatBody('simulator', { stream: true }));
    const more = [`Authorization: Bearer ${await gateway.mint('enterprise-user')}`, 'Content-Type: application/json'];
    const connection = await RawConnection.open(gateway.url);
    await connection.send(
      head(NAMED, [...more, `Content-Length: ${body.length}`]) +
        body +
        head(NAMED, [...more, 'Content-Length: 2', 'Expect: 100-continue']),
    );
    await connection.untilStatus(100);
    expect(connection.received).toMatch(/\[DONE\]\s+0\r\n\r\nHTTP\/1\.1 100 Continue\r\n\r\n$/);
    await connection.send('{}');
    await connection.untilStatus(400);
    expect(connection.statuses).toEqual([200, 100, 400]);
    connection.close();
  });

  it('holds memory up to a bound, beyond which others are refused, and gives it back', async () => {
    const part = Buffer.alloc(MIB - 1, ' ');
    const hold = async (): Promise<RawConnection> => {
      const connection = await RawConnection.open(gateway.url);
      const authorization = `Authorization: Bearer ${token}`;
      await connection.send(head(NAMED, [authorization, 'Content-Type: application/json', `Content-Length: ${MIB}`]));
      await connection.send(part);
      return connection;
    };
    const holders = [await hold(), await hold()];
    await until('both bodies are held', async () => ((await heldBytes()) ?? 0) >= 2 * (MIB - 1));
    const third = await hold();
    await third.untilStatus(503);
    expect(third.received).toMatch(/retry-after: 1\r\n/i);
    expect(third.received).toContain('"code":"overloaded"');
    expect(await heldBytes()).toBeLessThanOrEqual(2 * MIB);
    for (const connection of [...holders, third]) connection.close();
    await until('nothing is held', async () => (await heldBytes()) === 0);
    const answer = await gateway.call(NAMED, { token, body: chatBody('simulator') });
    expect(answer.status).toBe(200);
    await until('nothing is held after an answer', async () => (await heldBytes()) === 0);
  });

  it('is given up where it comes too slowly for longer than ten seconds', async () => {
    const connection = await RawConnection.open(gateway.url);
    await connection.send(
      head(NAMED, [`Authorization: Bearer ${token}`, 'Content-Type: application/json', `Content-Length: ${MIB}`]),
    );
    await connection.send('{');
    await connection.untilStatus(408);
    await until('the connection is closed', () => connection.closed);
    expect(await heldBytes()).toBe(0);
  });

  it('is given bytes behind an upgrade that nobody reads: the connection is answered and closed', async () => {
    const connection = await RawConnection.open(gateway.url);
    await connection.send(
      'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    await until('the connection is closed', () => connection.closed);
    expect(connection.statuses).toEqual([200]);
    expect(connection.received).toMatch(/connection: close\r\n/i);
  });
});
