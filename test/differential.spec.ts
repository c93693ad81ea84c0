import fc from 'fast-check';
import { expectError } from './support/answer.js';
import { registerModel } from './support/catalog.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { hasPython, PythonReader } from './support/python-reader.js';
import { completion, sendJson, startUpstream, type TestUpstream } from './support/upstream.js';

const RUNS = 300;
const CAPS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];
const BOUNDARY = 'xYz';
const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** What Go's encoding/json makes of an object: keys without regard to case, the last one wins. */
function foldedMembers(body: string): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  // A reviver would see each key once; the raw text has duplicates as well.
  for (const [, key = '', value = ''] of body.matchAll(
    /("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|[\d.eE+-]+|\w+)/g,
  )) {
    const name = (JSON.parse(key) as string).replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
    members[name] = JSON.parse(value);
  }
  return members;
}

const oneOf = fc.constantFrom;
const modelKeys = oneOf('model', 'Model', 'MODEL', '\\u006dodel', 'mode\\u006c', 'model ', 'models');
const capKeys = oneOf(
  'max_tokens',
  'MAX_TOKENS',
  'max_to\u212aens',
  'max_tokens\\u0000',
  'max_completion_to\\u212aens',
);
const members = fc.oneof(
  fc.tuple(modelKeys, oneOf('"small"', '"large"', 'null', '1')),
  fc.tuple(capKeys, oneOf('1', '7', '4000', 'null', '1e3', '"9"')),
  fc.tuple(oneOf('messages', '\u017ftream', 'stream', 'x'), oneOf('[]', 'false', '{}', '"a"')),
);
const jsonBodies = fc
  .tuple(fc.array(members, { maxLength: 5 }), oneOf('', ' ', '\n', '\t'))
  .map(([list, space]) => `{${list.map(([key, value]) => `"${key}"${space}:${space}${value}`).join(`,${space}`)}}`);

const parameters = oneOf(
  '; name="model"',
  '; name=model',
  '; NAME="model"',
  '; name="Model"',
  '; name="file"',
  '; name="y"',
  '; filename="a.wav"',
  '; filename="a\\"; name=model"',
  '; filename="=?utf-8?q?x=22=3B_name=3Dmodel?="',
  "; name*=utf-8''model",
  "; filename*=utf-8''a",
  '; x="a\\\\"; name=y; z="; name=model; w="',
  '; name="model-"',
);
const extraHeads = oneOf(
  '',
  '\r\nContent-Type: text/plain; charset=utf-7',
  '\r\nContent-Type: text/plain',
  '\r\nContent-Transfer-Encoding: base64',
  '\r\n name=model',
  '\r\nContent-Type: multipart/mixed; boundary=q',
  '\r\nX-Other: form-data; name="model"',
);
const parts = fc
  .tuple(fc.array(parameters, { minLength: 1, maxLength: 3 }), extraHeads, oneOf('small', 'large', 'data', 'c21hbGw='))
  .map(([list, extra, value]) => `Content-Disposition: form-data${list.join('')}${extra}\r\n\r\n${value}`);
const forms = fc
  .array(parts, { maxLength: 3 })
  .map(list => `${list.map(part => `--${BOUNDARY}\r\n${part}\r\n`).join('')}--${BOUNDARY}--\r\n`);
const formTypes = oneOf(FORM_TYPE, `${FORM_TYPE}; charset=punycode`, `${FORM_TYPE}; charset=utf-8`);

/** `npm test` says by the names of its skipped tests that there is no python3. */
const describeWithPython = hasPython() ? describe : describe.skip;

describeWithPython('what was admitted, by any reader (python3)', () => {
  let gateway: Gateway;
  let upstream: TestUpstream;
  let python: PythonReader;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway();
    upstream = await startUpstream((_request, response) =>
      sendJson(response, 200, { ...completion('done', { prompt: 1, completion: 1 }), text: 'done' }),
    );
    python = new PythonReader();
    const model = { capabilities: ['chat', 'transcriptions'], defaultMaxTokens: 10 };
    await registerModel(gateway, { id: 'small', url: upstream.url, model, upstream: { model: 'small' } });
    await registerModel(gateway, { id: 'large', url: upstream.url, tier: 'enterprise', model });
    const free = await gateway.admin('/tiers/free', { method: 'PATCH', body: { limits: [] } });
    expect(free.status).toBe(200);
    token = await gateway.mint('free-user');
    expectError(await gateway.call('/large/v1/chat/completions', { token, body: {} }), 403, {});
  });
  afterAll(async () => {
    python.stop();
    await gateway.dispose();
    await upstream.close();
  });

  /** So many of the random requests must have been admitted, or nothing was compared. */
  const LEAST_ADMITTED = RUNS / 20;

  const isCap = (value: unknown): value is number => typeof value === 'number';

  it('is the model and the output caps of a JSON body', async () => {
    const already = upstream.received.length;
    await fc.assert(
      fc.asyncProperty(jsonBodies, oneOf('/v1/chat/completions', '/small/v1/chat/completions'), async (body, path) => {
        const before = upstream.received.length;
        const { status } = await gateway.call(path, { token, body });
        expect([200, 400, 403, 404]).toContain(status);
        const received = upstream.received[before];
        expect(received !== undefined).toBe(status === 200);
        if (received === undefined) return;
        const admitted = JSON.parse(body) as Record<string, unknown>;
        const readers = [
          JSON.parse(received.body) as Record<string, unknown>,
          foldedMembers(received.body),
          ...(await python.read('application/json', received.body)),
        ];
        for (const read of readers) {
          expect(read['model']).toBe('small');
          const caps = CAPS.map(cap => read[cap]).filter(isCap);
          expect(caps).toEqual(CAPS.map(cap => admitted[cap]).filter(isCap));
        }
      }),
      { numRuns: RUNS },
    );
    expect(upstream.received.length - already).toBeGreaterThan(LEAST_ADMITTED);
  });

  it('is the model of a form', async () => {
    const path = '/v1/audio/transcriptions';
    const already = upstream.received.length;
    await fc.assert(
      fc.asyncProperty(forms, formTypes, oneOf(path, `/small${path}`), async (body, type, target) => {
        const before = upstream.received.length;
        const { status } = await gateway.call(target, { token, body, headers: { 'content-type': type } });
        expect([200, 400, 403, 404]).toContain(status);
        const received = upstream.received[before];
        expect(received !== undefined).toBe(status === 200);
        if (received === undefined) return;
        const sentType = received.headers['content-type'] ?? '';
        const node = await new Response(received.body, { headers: { 'content-type': sentType } }).formData();
        expect(node.getAll('model')).toEqual(['small']);
        for (const read of await python.read(sentType, received.body)) {
          const named = Object.entries(read).filter(([name]) => name.trim().toLowerCase() === 'model');
          expect(named).toEqual([['model', 'small']]);
        }
      }),
      { numRuns: RUNS },
    );
    expect(upstream.received.length - already).toBeGreaterThan(LEAST_ADMITTED);
  });
});
