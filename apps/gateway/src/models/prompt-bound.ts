// How many tokens a prompt cannot exceed, told without a tokenizer: a token of any vocabulary stands for at least one
// byte, so that the bytes of all texts are enough, and what a server's template puts around them.

/** What a chat template adds of its own to every conversation, and to one with tools. */
const TEMPLATE_TOKENS = 32;
const TOOLS_TEMPLATE_TOKENS = 256;
/** The marks around a member or an element where an object is written into the prompt. */
const MEMBER_TOKENS = 4;
const ELEMENT_TOKENS = 2;

/** More than any limit; of prompts whose size only the upstream knows. */
export const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** They steer the upstream and are no part of a prompt. */
const NO_PROMPT = new Set(
  (
    'model user metadata stream stream_options store service_tier stop logit_bias safety_identifier prompt_cache_key ' +
    'max_tokens max_completion_tokens max_output_tokens'
  ).split(' '),
);

/** What these stand for is fetched by the upstream. */
const FETCHED = ['previous_response_id', 'conversation'];
const MEDIA = /image|audio|video|file|document|reference/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isHosted = (tool: unknown): boolean =>
  isObject(tool) && typeof tool['type'] === 'string' && tool['type'] !== 'function' && tool['type'] !== 'custom';

/**
 * An upper bound of the prompt's tokens, from the body of a request; {@link UNBOUNDED} for images, files and the like,
 * for tools that the upstream runs itself, and for what the upstream remembers.
 */
export function promptBoundOf(body: Readonly<Record<string, unknown>>): number {
  const tools = body['tools'] ?? body['functions'];
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (hasTools && tools.some(isHosted)) return UNBOUNDED;
  if (isObject(body['prompt']) || FETCHED.some(member => (body[member] ?? null) !== null)) return UNBOUNDED;
  let bound = TEMPLATE_TOKENS + (hasTools ? TOOLS_TEMPLATE_TOKENS : 0);
  const left: unknown[] = [];
  for (const [member, value] of Object.entries(body)) if (!NO_PROMPT.has(member)) left.push(value);
  // A stack of its own, because a body may be nested deeper than calls can be.
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') bound += Buffer.byteLength(value);
    else if (Array.isArray(value)) {
      for (const element of value as unknown[]) left.push(element);
      bound += value.length * ELEMENT_TOKENS;
    } else if (isObject(value)) {
      const { type } = value;
      if (typeof type === 'string' && MEDIA.test(type)) return UNBOUNDED;
      for (const [member, inner] of Object.entries(value)) {
        bound += Buffer.byteLength(member) + MEMBER_TOKENS;
        left.push(inner);
      }
    } else bound += String(value).length;
  }
  return bound;
}
