import { existsSync, readFileSync } from 'node:fs';
import { runInBash, type BlockOutput } from './support/bash-session.js';
import type { ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { GUIDE_COPY, GUIDE_ORIGINAL, readGuide } from './support/guide.js';
import { expectShape } from './support/shape.js';

const guide = readGuide();
const [modelsExample, completionExample, unauthorized, forbidden, tooMany] = guide.examples;

/** Blocks by what stands in them, so that a moved paragraph does not shift the expectations. */
const blockWith = (text: string): number => guide.shell.findIndex(block => block.includes(text));

describe('the model access guide', () => {
  let gateway: Gateway;
  let outputs: BlockOutput[];
  const outputOf = (text: string): BlockOutput => {
    const output = outputs[blockWith(text)];
    if (!output) throw new Error(`the session did not get to the block with ${text}`);
    return output;
  };
  const onThisGateway = (block: string): string =>
    block
      .replaceAll('https://maas-api.your-domain.com', gateway.url)
      .replaceAll('https://gateway.your-domain.com', gateway.url);

  beforeAll(async () => {
    gateway = await startGateway();
    const show = ['echo "$TOKEN_RESPONSE"', 'echo "$ACCESS_TOKEN"'].join('\n');
    const blocks = guide.shell.map(onThisGateway);
    outputs = await runInBash([...blocks, show], gateway.identities['premium-user']);
  });

  afterAll(() => gateway.dispose());

  (existsSync(GUIDE_ORIGINAL) ? it : it.skip)('is the one that the product is held against', () => {
    expect(readFileSync(GUIDE_COPY, 'utf8')).toBe(readFileSync(GUIDE_ORIGINAL, 'utf8'));
  });

  it('has all its blocks recognised', () => {
    expect(guide.shell).toHaveLength(10);
    expect(guide.examples).toHaveLength(5);
  });

  it('runs to its end in one shell session', () => {
    expect(outputs).toHaveLength(guide.shell.length + 1);
  });

  it('gets an access token by the OpenShift token', () => {
    const [response = '', token] = outputs.at(-1)?.stdout.trim().split('\n') ?? [];
    expect(JSON.parse(response)).toMatchObject({ token, expiration: '15m0s', jti: expect.any(String) as string });
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('lists to a premium user exactly the models of its example', () => {
    const listed = JSON.parse(outputOf('MODELS=').stdout) as { data: unknown[] };
    const expected = JSON.parse(onThisGateway(JSON.stringify(modelsExample))) as { data: unknown[] };
    expect(listed).toMatchObject(expected);
    expect(listed.data).toHaveLength(expected.data.length);
  });

  it('tells the details of one model', () => {
    const { data } = JSON.parse(onThisGateway(JSON.stringify(modelsExample))) as { data: object[] };
    expect(JSON.parse(outputOf('MODEL_ID=').stdout)).toMatchObject(data[0] ?? {});
  });

  it.each(['"Hello, how are you?"', '"Explain quantum computing'])('answers %s in the shape of its example', prompt => {
    const answer = JSON.parse(outputOf(prompt).stdout) as ChatCompletion;
    expectShape(answer, completionExample);
    expect(answer.object).toBe('chat.completion');
    expect(answer.model).toBe('simulator');
    expect(answer.choices[0]?.message.content).not.toBe('');
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage;
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  it('prints a streamed story piece by piece', () => {
    const pieces = outputOf('short story about a robot').stdout.trim().split('\n');
    expect(pieces.length).toBeGreaterThan(5);
  });

  it('takes content and usage out of an answer', () => {
    const { stdout } = outputOf('capital of France');
    expect(stdout).toMatch(/^Model response: \S/m);
    expect(stdout).not.toContain('null');
    const sums = /^Token usage: (\d+) total \((\d+) prompt \+ (\d+) completion\)$/m.exec(stdout);
    expect(Number(sums?.[1])).toBe(Number(sums?.[2]) + Number(sums?.[3]));
  });

  it('succeeds in the script that handles errors', () => {
    expect(outputOf('result=$(make_request').stdout).toMatch(/^Success: \S/m);
  });

  it('cannot check headers by curl -I with -d, which curl itself refuses before it sends anything', async () => {
    expect(outputOf('curl -I').stdout).toBe('');
    const refused = onThisGateway(guide.shell[blockWith('curl -I')] ?? '').replace(/ \| grep .*/, '; echo "exit $?"');
    const [output] = await runInBash([`MODEL_URL=${gateway.url}/simulator/v1/chat/completions\n${refused}`], '');
    // 2 is curl's "failed to initialize": two methods were asked for at once.
    expect(output?.stdout).toBe('exit 2\n');
  });

  it('shows the rate-limit headers by curl -I without -d', async () => {
    const block = guide.shell[blockWith('curl -I')] ?? '';
    const working = onThisGateway(block)
      .split('\n')
      .filter(line => !line.includes('-d '))
      .join('\n');
    const token = await gateway.mint('premium-user');
    const session = [`ACCESS_TOKEN=${token}\nMODEL_URL=${gateway.url}/simulator/v1/chat/completions\n${working}`];
    const [output] = await runInBash(session, '');
    const names = output?.stdout
      .split('\n')
      .map(line => line.split(':')[0])
      .filter(name => name !== '');
    const six = ['limit', 'remaining', 'reset'].flatMap(what => [
      `x-ratelimit-${what}-requests`,
      `x-ratelimit-${what}-tokens`,
    ]);
    expect(names?.sort()).toEqual(six.sort());
    expect(output?.stdout).toMatch(/x-ratelimit-limit-requests: 20\r?\n/);
    expect(output?.stdout).toMatch(/x-ratelimit-limit-tokens: 50000\r?\n/);
  });

  it('tells its three errors as they come', async () => {
    const body = { model: 'simulator', messages: [{ role: 'user', content: 'hi' }], max_tokens: 1 };
    const path = '/simulator/v1/chat/completions';
    const free = await gateway.mint('free-user');
    const noToken = await gateway.call(path, { token: 'nonsense', body });
    expect(noToken.status).toBe(401);
    expect(noToken.json()).toMatchObject(unauthorized as object);
    const tooLow = await gateway.call('/qwen3/v1/chat/completions', { token: free, body: { ...body, model: 'qwen3' } });
    expect(tooLow.status).toBe(403);
    expect(tooLow.json()).toMatchObject(forbidden as object);
    for (let request = 1; request <= 5; request += 1) {
      expect((await gateway.call(path, { token: free, body })).status).toBe(200);
    }
    const sixth = await gateway.call(path, { token: free, body });
    expect(sixth.status).toBe(429);
    expect(sixth.json()).toMatchObject(tooMany as object);
  });

  it('backs off in the script for rate limits', async () => {
    const block = onThisGateway(guide.shell[blockWith('make_request_with_backoff')] ?? '');
    const token = await gateway.mint('free-user');
    const session = [
      `ACCESS_TOKEN=${token}\nMODEL_URL=${gateway.url}/simulator/v1/chat/completions\nsleep() { :; }`,
      block,
      'make_request_with_backoff "$MODEL_URL" "Hello"',
    ];
    const outcome = (await runInBash(session, '')).at(-1);
    expect(outcome?.stderr).toContain('Rate limit exceeded, waiting before retry 3/3');
    expect(outcome?.stderr).toContain('Max retries exceeded');
  });
});
