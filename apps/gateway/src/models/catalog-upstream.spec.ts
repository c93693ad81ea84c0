import { catalogUpstreamOf, type OpenedUpstream } from './catalog-upstream.js';

const DEFAULTS = {
  UPSTREAM_CONNECT_TIMEOUT: 5_000,
  UPSTREAM_FIRST_BYTE_TIMEOUT: 300_000,
  UPSTREAM_IDLE_TIMEOUT: 60_000,
};
const STORED: OpenedUpstream = {
  id: '019abf6e-0000-7000-8000-000000000001',
  url: 'http://vllm:8000/v1',
  model: null,
  weight: 1,
  priority: 0,
  draining: false,
  sealedApiKey: null,
  apiKey: null,
  apiKeyHeader: 'authorization',
  headers: {},
  features: [],
  endpoints: [],
  healthPath: null,
  connectTimeoutMs: null,
  firstByteTimeoutMs: null,
  idleTimeoutMs: null,
  tlsCa: null,
  tlsCertificate: null,
  sealedTlsKey: null,
  tlsKey: null,
  tlsServerName: null,
};
const of = (fields: Partial<OpenedUpstream>) => catalogUpstreamOf('qwen3', { ...STORED, ...fields }, DEFAULTS);

describe('an upstream in memory', () => {
  it.each([
    ['vLLM', 'http://vllm:8000/v1', 'http://vllm:8000/v1/chat/completions'],
    ['Ollama', 'http://localhost:11434/v1/', 'http://localhost:11434/v1/chat/completions'],
    ['KServe', 'https://llm.example.com/openai/v1', 'https://llm.example.com/openai/v1/chat/completions'],
    [
      'Azure',
      'https://r.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-10-21',
      'https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    ],
    ['a server at its root', 'http://tgi:3000', 'http://tgi:3000/chat/completions'],
  ])('is asked at the right place: %s', (_name, url, expected) => {
    const { origin, basePath, query } = of({ url });
    expect(`${origin}${basePath}/chat/completions${query}`).toBe(expected);
  });

  it('is sent its credential in the way it wants it', () => {
    const headers = { 'anthropic-version': '2023-06-01' };
    expect(of({ headers }).headers).toEqual(headers);
    expect(of({ apiKey: 'k' }).headers).toEqual({ authorization: 'Bearer k' });
    expect(of({ apiKey: 'k', apiKeyHeader: 'x-api-key', headers }).headers).toEqual({ ...headers, 'x-api-key': 'k' });
    expect(of({ apiKey: 'k', apiKeyHeader: 'api-key', headers: { 'api-key': 'old' } }).headers).toEqual({
      'api-key': 'k',
    });
  });

  it("goes by the model's own name and the gateway's timeouts where it says nothing else", () => {
    expect(of({})).toMatchObject({ model: 'qwen3', firstByteTimeoutMs: 300_000, idleTimeoutMs: 60_000 });
    expect(of({ model: 'Qwen/Qwen3-8B', firstByteTimeoutMs: 10, idleTimeoutMs: 20 })).toMatchObject({
      model: 'Qwen/Qwen3-8B',
      firstByteTimeoutMs: 10,
      idleTimeoutMs: 20,
    });
  });

  it('shares its connections unless it says how they are made, and makes them anew when that changes', () => {
    expect(of({ firstByteTimeoutMs: 10 }).connection).toBeNull();
    const withCa = of({ tlsCa: 'one' }).connection;
    expect(withCa).toMatchObject({ ca: 'one', connectTimeoutMs: 5_000 });
    expect(of({ tlsCa: 'one', weight: 3 }).connection?.key).toBe(withCa?.key);
    const others = [
      of({ tlsCa: 'two' }),
      of({ tlsCa: 'one', connectTimeoutMs: 10 }),
      of({ tlsCa: 'one', tlsServerName: 'name' }),
      of({ tlsCa: 'one', tlsCertificate: 'certificate', tlsKey: 'key' }),
      of({ tlsCa: 'one', tlsCertificate: 'certificate', tlsKey: 'other key' }),
    ].map(({ connection }) => connection?.key);
    expect(new Set([withCa?.key, ...others]).size).toBe(6);
  });
});
