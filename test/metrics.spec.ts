import { call } from './support/answer.js';
import { subjectOf } from './support/catalog.js';
import { chat, type ChatCompletion } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { decodeJwt } from './support/jwt.js';
import { metricsPath, scrape, valueOf } from './support/metrics.js';

describe('metrics', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('stand on a port of their own', async () => {
    expect(new URL(gateway.metricsUrl).port).not.toBe(new URL(gateway.url).port);
    const answer = await call(metricsPath(gateway));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await gateway.call('/metrics')).status).toBe(404);
  });

  it('count requests, tokens and refusals', async () => {
    const token = await gateway.mint('free-user');
    const answer = await chat(gateway, token, { fields: { max_tokens: 5 } });
    const { usage } = answer.json<ChatCompletion>();
    await chat(gateway, token, { model: 'qwen3' });
    const text = await scrape(gateway);
    expect(valueOf(text, 'maas_requests_total', { model: 'simulator', tier: 'free', outcome: 'completed' })).toBe(1);
    expect(valueOf(text, 'maas_tokens_total', { model: 'simulator', kind: 'input' })).toBe(usage.prompt_tokens);
    expect(valueOf(text, 'maas_tokens_total', { model: 'simulator', kind: 'output' })).toBe(usage.completion_tokens);
    expect(valueOf(text, 'maas_refusals_total', { tier: 'free', reason: 'access' })).toBe(1);
    expect(valueOf(text, 'maas_requests_in_flight', { model: 'simulator' })).toBe(0);
    expect(valueOf(text, 'maas_request_duration_seconds_count', { model: 'simulator' })).toBe(1);
    expect(valueOf(text, 'maas_first_byte_seconds_count', { model: 'simulator' })).toBe(1);
  });

  it('have no labels that grow with callers or with what they make up', async () => {
    const token = await gateway.mint('free-user');
    await chat(gateway, token, { model: 'made-up-model-name', headers: { 'x-request-id': 'made-up-request-id' } });
    const text = await scrape(gateway);
    const subject = await subjectOf(gateway, 'free-user');
    const jti = String(decodeJwt(token).claims['jti']);
    for (const unbounded of [subject, 'free-user', jti, 'made-up-model-name', 'made-up-request-id'])
      expect(text).not.toContain(unbounded);
  });
});
