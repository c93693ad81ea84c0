import { liftLimits, registerModel } from './support/catalog.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { openEvents, parseChunks } from './support/sse.js';
import { until } from './support/until.js';
import { beginStream, chunk, DONE, sendJson, startUpstream, usageOf, type TestUpstream } from './support/upstream.js';

const UPSTREAM_MODEL = 'Vendor/Name-8B';
const usage = usageOf({ prompt: 2, completion: 1 });

describe('the model of an answer', () => {
  let gateway: Gateway;
  let token: string;
  let upstream: TestUpstream;

  beforeAll(async () => {
    gateway = await startGateway();
    await liftLimits(gateway, 'enterprise-user');
    token = await gateway.mint('enterprise-user');
    upstream = await startUpstream((request, response) => {
      const { model, stream } = JSON.parse(request.body) as { model: string; stream?: boolean };
      if (request.path.endsWith('/embeddings')) {
        const data = [{ index: 0, embedding: new Array<number>(100_000).fill(0.125), model: 'inner' }];
        return sendJson(response, 200, { object: 'list', data, model, usage });
      }
      if (stream !== true) return sendJson(response, 200, { id: 'c', model, choices: [], usage });
      beginStream(response);
      response.write(chunk('a', { model }) + chunk('b', { model, usage: null }));
      response.end(chunk(undefined, { model, usage }) + DONE);
    });
    await registerModel(gateway, {
      id: 'named',
      url: upstream.url,
      model: { aliases: ['also-named'], capabilities: ['chat', 'embeddings'] },
      upstream: { model: UPSTREAM_MODEL },
    });
  });
  afterAll(async () => {
    await gateway.dispose();
    await upstream.close();
  });

  const messages = [{ role: 'user', content: 'x' }];

  it.each([
    ['the id of the body', '/v1/chat/completions', { model: 'named' }, 'named'],
    ['the alias of the body', '/named/v1/chat/completions', { model: 'also-named' }, 'also-named'],
    ['the id of the path', '/named/v1/chat/completions', {}, 'named'],
    ['the alias of the path', '/also-named/v1/chat/completions', {}, 'also-named'],
  ])('is %s', async (_name, path, fields, expected) => {
    const answer = await gateway.call(path, { token, body: { messages, ...fields } });
    expect(answer.json()).toEqual({ id: 'c', model: expected, choices: [], usage });
    const body = { messages, stream: true, stream_options: { include_usage: true }, ...fields };
    const events = await openEvents(`${gateway.url}${path}`, { token, body });
    const chunks = parseChunks((await events.rest()).filter(event => event !== '[DONE]'));
    expect(chunks.map(event => (event as { model?: string }).model)).toEqual([expected, expected, expected]);
  });

  it('is found behind more than the gateway holds', async () => {
    const answer = await gateway.call('/v1/embeddings', { token, body: { model: 'named', input: 'x' } });
    expect(answer.text.length).toBeGreaterThan(256 * 1024);
    const { data, ...rest } = answer.json<{ data: { model: string }[] }>();
    expect(rest).toEqual({ object: 'list', model: 'named', usage });
    expect(data[0]?.model).toBe('inner');
  });

  it("has the upstream's name in the ledger, with the number of attempts", async () => {
    await gateway.call('/v1/chat/completions', { token, body: { model: 'named', messages } });
    const entry = await until('the ledger has the request', async () => {
      const answer = await gateway.call('/maas-api/v1/usage/requests?limit=1', { token });
      return answer.json<{ data: object[] }>().data[0];
    });
    expect(entry).toMatchObject({ model: 'named', upstreamModel: UPSTREAM_MODEL, attempts: 1 });
    const csv = await gateway.call('/maas-api/v1/usage/requests', { token, headers: { accept: 'text/csv' } });
    expect(csv.text).toContain(`,${UPSTREAM_MODEL},1,`);
    expect(csv.text.split('\r\n')[0]).toContain('upstream,upstreamModel,attempts');
  });
});
