interface Trial {
  /** The path after the upstream's base URL. */
  endpoint: string;
  /** What a model can do that has it. */
  capability: string;
  /** The smallest body that makes the model work. */
  body: object;
}

const messages = [{ role: 'user', content: 'Hi' }];

/** The usual ones first. Nothing here is dear, whatever the model. */
const TRIALS: readonly Trial[] = [
  { endpoint: 'chat/completions', capability: 'chat', body: { messages, max_tokens: 1 } },
  { endpoint: 'completions', capability: 'completions', body: { prompt: 'Hi', max_tokens: 1 } },
  { endpoint: 'embeddings', capability: 'embeddings', body: { input: 'Hi' } },
  { endpoint: 'responses', capability: 'responses', body: { input: 'Hi', max_output_tokens: 16, store: false } },
  { endpoint: 'messages', capability: 'messages', body: { messages, max_tokens: 1 } },
  { endpoint: 'rerank', capability: 'rerank', body: { query: 'Hi', documents: ['Hi'] } },
  { endpoint: 'score', capability: 'score', body: { text_1: 'Hi', text_2: 'Hi' } },
  { endpoint: 'tokenize', capability: 'tokenize', body: { prompt: 'Hi' } },
  { endpoint: 'audio/speech', capability: 'speech', body: { input: 'Hi', voice: 'alloy' } },
];

/**
 * The request that an upstream is tried by.
 * @param endpoints those that it is said to understand; none: all that the capabilities name
 * @returns `undefined` where it has no endpoint that can be tried by a tiny request
 */
export const trialOf = (endpoints: readonly string[], capabilities: readonly string[]): Trial | undefined =>
  TRIALS.find(({ endpoint, capability }) =>
    endpoints.length > 0 ? endpoints.includes(endpoint) : capabilities.includes(capability),
  );

const MAX_MESSAGE = 500;

/** What an upstream's answer says of itself, as far as it is JSON of the usual shapes. */
export function toldBy(text: string): { model?: string; message?: string } {
  const body = objectOf(text);
  const error = body['error'];
  const inner = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)['message'] : error;
  const message = inner ?? body['message'] ?? body['detail'];
  return {
    ...(typeof body['model'] === 'string' && { model: body['model'] }),
    ...(typeof message === 'string' && { message: message.slice(0, MAX_MESSAGE) }),
  };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Shorter ones are no secrets, and are in any text. */
const MIN_SECRET = 6;

/** The text without what the upstream is sent as credentials: some servers say in their error which key was wrong. */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.values(headers)
    .map(value => value.replace(/^Bearer /, ''))
    .filter(value => value.length >= MIN_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
