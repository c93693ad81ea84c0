/** An endpoint of the data plane: all that the gateway knows of it stands in {@link ENDPOINTS}. */
export interface Endpoint {
  /** The path after `/v1/`, such as `chat/completions`. */
  path: string;
  /** A model has the endpoints whose capabilities it names among its own. */
  capability: string;
  /** Requests are JSON, which is read whole, or a form with files, which passes as it comes. */
  body: 'json' | 'form';
  /** Answers hold text, which can be counted; or pictures, whose tokens only the upstream knows; or no tokens. */
  output: 'text' | 'media' | 'none';
  /** The body's members that cap the output here, the usual one first. */
  caps: readonly string[];
  /** The body's members that say how many answers are made of a prompt. */
  choices: readonly string[];
  /** Whether `prompt` may be several prompts, each with an answer of its own. */
  manyPrompts: boolean;
  /** Whether a stream reports its usage only where it is asked to. */
  asksForUsage: boolean;
  /** Whether a model works at all: what only looks into a vocabulary costs no tokens. */
  metered: boolean;
}

const text = {
  body: 'json',
  output: 'text',
  caps: [],
  choices: [],
  manyPrompts: false,
  asksForUsage: false,
  metered: true,
} as const;
const noText = { ...text, output: 'none' } as const;

export const ENDPOINTS: readonly Endpoint[] = [
  {
    ...text,
    path: 'chat/completions',
    capability: 'chat',
    caps: ['max_tokens', 'max_completion_tokens'],
    choices: ['n'],
    asksForUsage: true,
  },
  {
    ...text,
    path: 'completions',
    capability: 'completions',
    caps: ['max_tokens'],
    choices: ['n', 'best_of'],
    manyPrompts: true,
    asksForUsage: true,
  },
  { ...text, path: 'responses', capability: 'responses', caps: ['max_output_tokens'] },
  { ...text, path: 'messages', capability: 'messages', caps: ['max_tokens'] },
  { ...noText, path: 'messages/count_tokens', capability: 'messages', metered: false },
  { ...noText, path: 'embeddings', capability: 'embeddings' },
  { ...noText, path: 'rerank', capability: 'rerank' },
  { ...noText, path: 'score', capability: 'score' },
  { ...noText, path: 'tokenize', capability: 'tokenize', metered: false },
  { ...text, path: 'images/generations', capability: 'images', output: 'media', choices: ['n'] },
  { ...noText, path: 'audio/speech', capability: 'speech' },
  { ...text, path: 'audio/transcriptions', capability: 'transcriptions', body: 'form' },
  { ...text, path: 'audio/translations', capability: 'transcriptions', body: 'form' },
];

const BY_PATH = new Map(ENDPOINTS.map(endpoint => [endpoint.path, endpoint]));

/** @throws Error where there is none: paths are written in the code, not by callers */
export function endpointAt(path: string): Endpoint {
  const endpoint = BY_PATH.get(path);
  if (endpoint === undefined) throw new Error(`no endpoint has the path '${path}'`);
  return endpoint;
}
