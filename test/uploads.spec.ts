import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expectError, type Answer, type CallOptions } from './support/answer.js';
import { liftLimits, registerModel } from './support/catalog.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';
import { sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

const PATH = '/v1/audio/transcriptions';
const OWN = `/ear${PATH}`;
const BOUNDARY = 'test-boundary';
const MIB = 1024 * 1024;
const MAX_UPLOAD_BYTES = 300 * MIB;
const USAGE = { type: 'tokens', input_tokens: 14, output_tokens: 3, total_tokens: 17 };

const part = (name: string, value: string, filename = ''): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n\r\n${value}\r\n`;
const END = `--${BOUNDARY}--\r\n`;
const sound = (bytes: string): string => part('file', bytes, '; filename="a.mp3"');
const type = `multipart/form-data; boundary=${BOUNDARY}`;

describe('an upload', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let token: string;
  let sent = 0;

  beforeAll(async () => {
    const env = { MAAS_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES), MAAS_MAX_BODY_BYTES: String(MIB) };
    gateway = await startGateway({ env });
    upstream = await startUpstream((_request, response) => sendJson(response, 200, { text: 'Hello', usage: USAGE }));
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
    const model = { capabilities: ['transcriptions', 'speech'], aliases: ['listener'], defaultMaxTokens: 64 };
    await registerModel(gateway, { id: 'ear', url: upstream.url, model, upstream: { model: 'served/whisper-large' } });
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const send = (path: string, body: string, options: CallOptions = {}): Promise<Answer> =>
    gateway.call(path, { method: 'POST', token, body, headers: { 'content-type': type }, ...options });
  const entryOf = (requestId: string) =>
    until('the ledger has the entry', async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests', { token });
      const { data } = answer.json<{ data: (Record<string, unknown> & { requestId: string })[] }>();
      return data.find(entry => entry.requestId === requestId) ?? false;
    });
  const identified = () => {
    const id = `upload-${(sent += 1)}`;
    return { id, headers: { 'content-type': type, 'x-request-id': id } };
  };

  it.each([
    ['with its model first', PATH, part('model', 'ear') + part('language', 'de') + sound('ID3')],
    ['with its model last', PATH, sound('ID3') + part('model', 'ear')],
    ['by an alias, at the path of its model', OWN, sound('ID3') + part('model', 'listener')],
    ['at the path of its alias', `/listener${PATH}`, part('model', 'ear') + sound('ID3')],
  ])('reaches the upstream %s, under its name there', async (_how, path, form) => {
    const { id, headers } = identified();
    const answer = await send(path, form + END, { headers });
    expect(answer.json()).toEqual({ text: 'Hello', usage: USAGE });
    const received = upstream.received.at(-1);
    expect(received?.path).toBe(PATH);
    expect(received?.body).toBe(form.replace(/\r\n(?:ear|listener)\r\n/, '\r\nserved/whisper-large\r\n') + END);
    expect(received?.headers).toMatchObject({
      'content-type': type,
      'content-length': String(received?.body.length),
    });
    expect(JSON.stringify(received?.headers)).not.toContain(token);
    expect(await entryOf(id)).toMatchObject({
      endpoint: 'audio/transcriptions',
      inputTokens: 14,
      outputTokens: 3,
      usageSource: 'reported',
      bytesIn: form.length + END.length,
      outcome: 'completed',
    });
  });

  it('is sent on with the model of its path where it names none', async () => {
    const form = part('language', 'de') + sound('x');
    expect((await send(OWN, form + END)).status).toBe(200);
    expect(upstream.received.at(-1)?.body).toBe(form + part('model', 'served/whisper-large') + END);
  });

  it('is estimated by its length where its answer tells no tokens, and the text counted', async () => {
    const plain = await startUpstream((_request, response) =>
      sendJson(response, 200, { text: 'hello hello', usage: { type: 'duration', seconds: 9 } }),
    );
    await registerModel(gateway, { id: 'plain-ear', url: plain.url, model: { capabilities: ['transcriptions'] } });
    const { id, headers } = identified();
    const form = part('model', 'plain-ear') + sound('x'.repeat(160_000)) + END;
    expect((await send(PATH, form, { headers })).status).toBe(200);
    expect(await entryOf(id)).toMatchObject({
      inputTokens: Math.ceil(form.length / 1600),
      outputTokens: 2,
      usageSource: 'estimated',
    });
    await plain.close();
  });

  it.each([
    ['that names another model than the path', OWN, part('model', 'simulator') + sound('x'), 'model'],
    ['that names two models', OWN, part('model', 'ear') + sound('x') + part('model', 'simulator'), 'model'],
    ['that names no model at all', PATH, sound('x'), 'model'],
    ['whose model comes too late to be known', PATH, sound('x'.repeat(2 * MIB)) + part('model', 'ear'), 'model'],
    ['whose model comes late, and is another', OWN, sound('x'.repeat(2 * MIB)) + part('model', 'simulator'), 'model'],
    ['that is none', OWN, 'no form at all, whatever the header says', null],
  ])('%s is refused', async (_what, path, form, param) => {
    expectError(await send(path, form + END), 400, { code: 'invalid_request', param });
    // The connection, or another, takes the next.
    expect((await send(OWN, part('model', 'ear') + sound('x') + END)).status).toBe(200);
  });

  it('whose late model is another has not reached the upstream whole, and costs nothing', async () => {
    const before = upstream.received.length;
    const { id, headers } = identified();
    const form = sound('x'.repeat(2 * MIB)) + part('model', 'simulator') + END;
    expect((await send(OWN, form, { headers })).status).toBe(400);
    expect(upstream.received).toHaveLength(before);
    expect(await entryOf(id)).toMatchObject({
      outcome: 'client_aborted',
      status: 400,
      inputTokens: 0,
      usageSource: 'none',
    });
  });

  it('is refused by whom it may not use, unread', async () => {
    const form = part('model', 'qwen3') + sound('x') + END;
    const free = await gateway.mint('free-user');
    expectError(await send(PATH, form, { token: 'nonsense' }), 401, { code: 'invalid_api_key' });
    expectError(await send(`/qwen3${PATH}`, form, { token: free }), 403, { code: 'access_denied' });
    expectError(await send(PATH, form), 404, { code: 'not_found' });
    expectError(await send(PATH, part('model', 'nonesuch') + END), 404, { code: 'model_not_found' });
  });

  it('of another content type is refused', async () => {
    for (const contentType of ['application/json', 'multipart/form-data; boundary=a; boundary=b'])
      expectError(await send(OWN, '{}', { headers: { 'content-type': contentType } }), 415, {
        code: 'unsupported_media_type',
      });
    const encoded = { 'content-type': type, 'content-encoding': 'gzip' };
    expectError(await send(OWN, END, { headers: encoded }), 415, { code: 'unsupported_media_type' });
  });

  it('goes to another upstream where the first cannot be reached', async () => {
    const dead = await startUpstream(() => undefined);
    await dead.close();
    const upstreams = [
      { url: dead.url, priority: 0 },
      { url: upstream.url, priority: 1 },
    ];
    await registerModel(gateway, { id: 'two-ears', url: upstream.url, model: { capabilities: ['transcriptions'] } });
    await gateway.admin('/models/two-ears', { method: 'PATCH', body: { upstreams } });
    const form = part('model', 'two-ears') + sound('ID3') + END;
    await until('the data plane has both', async () => {
      const answer = await send(PATH, form);
      expect(answer.status).toBe(200);
      return answer.headers.get('x-upstream-attempts') === '2';
    });
    expect(upstream.received.at(-1)?.body).toBe(form);
  });

  describe('that is large', () => {
    let server: Server;
    let url: string;
    let taken = 0;

    /** Takes whatever comes and counts it; for speech, sends a gigabyte. */
    const serve = (request: IncomingMessage, onEnd: () => void): void => {
      taken = 0;
      request.on('data', (chunk: Buffer) => (taken += chunk.length));
      request.on('end', onEnd);
    };

    beforeAll(async () => {
      server = createServer((request, response) => {
        serve(request, () => {
          if (request.url !== '/v1/audio/speech') return sendJson(response, 200, { text: 'x', usage: USAGE });
          response.writeHead(200, { 'content-type': 'audio/mpeg' });
          let left = 1024;
          const write = (): void => {
            while (left > 0) {
              left -= 1;
              if (!response.write(MEGABYTE)) return void response.once('drain', write);
            }
            response.end();
          };
          write();
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      await registerModel(gateway, { id: 'large', url, model: { capabilities: ['transcriptions', 'speech'] } });
    });

    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    const MEGABYTE = Buffer.alloc(MIB, 'a');
    const residentBytes = (): number =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(gateway.pid)]).toString()) * 1024;

    /** Sends megabytes with the pace of who takes them. @returns the status, and the most that the gateway grew */
    const upload = async (path: string, model: string, megabytes: number): Promise<[status: number, grew: number]> => {
      const before = residentBytes();
      let most = before;
      const headers = { authorization: `Bearer ${token}`, 'content-type': type };
      const request = httpRequest(gateway.url + path, { method: 'POST', headers });
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      // Where it is refused half-way, what is still being written fails.
      request.on('error', () => undefined);
      request.write(part('model', model));
      request.write(sound('').slice(0, -2));
      for (let at = 0; at < megabytes && request.writable; at += 1) {
        if (!request.write(MEGABYTE)) await Promise.race([once(request, 'drain'), answered]);
        if (at % 20 === 0) most = Math.max(most, residentBytes());
      }
      request.end(`\r\n${END}`);
      const [response] = await answered;
      response.resume();
      await once(response, 'end');
      return [response.statusCode ?? 0, Math.max(most, residentBytes()) - before];
    };

    it.each([PATH, `/large${PATH}`])('passes without being kept: 200 MB at %s', async path => {
      const [status, grew] = await upload(path, 'large', 200);
      expect(status).toBe(200);
      expect(taken).toBeGreaterThan(200 * MIB);
      expect(grew).toBeLessThan(150 * MIB);
    });

    it('comes back without being kept: 1 GB', async () => {
      const before = residentBytes();
      let most = before;
      const body = { model: 'large', input: 'hello', voice: 'x' };
      const response = await fetch(`${gateway.url}/v1/audio/speech`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      let bytes = 0;
      let looked = 0;
      for await (const chunk of response.body ?? []) {
        bytes += (chunk as Uint8Array).length;
        if (bytes - looked < 50 * MIB) continue;
        looked = bytes;
        most = Math.max(most, residentBytes());
      }
      expect(bytes).toBe(1024 * MIB);
      expect(most - before).toBeLessThan(150 * MIB);
    });

    it('is refused where it is too large, also where its length is not told', async () => {
      expect((await upload(`/large${PATH}`, 'large', 301))[0]).toBe(413);
      const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': '999999999' };
      const request = httpRequest(gateway.url + PATH, { method: 'POST', headers });
      request.on('error', () => undefined);
      request.write(part('model', 'large'));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(413);
      request.destroy();
    });

    it('ends with its client: the upstream sees it broken off', async () => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type };
      const broken = once(server, 'request') as Promise<[IncomingMessage]>;
      const request = httpRequest(gateway.url + `/large${PATH}`, { method: 'POST', headers });
      request.on('error', () => undefined);
      request.write(part('model', 'large') + sound('').slice(0, -2));
      request.write(MEGABYTE);
      const [received] = await broken;
      request.destroy();
      await until('the upstream is left', () => received.destroyed, 2_000);
      expect(received.complete).toBe(false);
    });
  });
});
