/** What a request to an endpoint of the data plane may make a model write. */
interface EndpointShape {
  /** The body's members that cap the output here, the usual one first. */
  caps: readonly [string, ...string[]];
  /** The body's members that say how many answers are made of a prompt. */
  choices: readonly string[];
  /** Whether `prompt` may be several prompts, each with an answer of its own. */
  manyPrompts: boolean;
}

const SHAPES: Record<string, EndpointShape> = {
  'chat/completions': { caps: ['max_tokens', 'max_completion_tokens'], choices: ['n'], manyPrompts: false },
  completions: { caps: ['max_tokens'], choices: ['n', 'best_of'], manyPrompts: true },
  responses: { caps: ['max_output_tokens'], choices: [], manyPrompts: false },
  messages: { caps: ['max_tokens'], choices: [], manyPrompts: false },
};

/** They read their input and write no tokens. */
const WITHOUT_OUTPUT = new Set(['embeddings', 'moderations', 'rerank', 'score', 'classify', 'tokenize', 'detokenize']);

/** The path after `/v1/`, such as `chat/completions`. */
export const endpointOf = (url: string): string => url.split('?', 1)[0]?.split('/v1/', 2)[1] ?? '';

/** @returns `undefined` where the endpoint writes no tokens; an unknown one is taken for one that does */
export const shapeOf = (endpoint: string): EndpointShape | undefined =>
  WITHOUT_OUTPUT.has(endpoint) ? undefined : (SHAPES[endpoint] ?? SHAPES['messages']);
