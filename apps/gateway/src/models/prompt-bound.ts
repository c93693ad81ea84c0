import type { JsonVisitor } from '../platform/json/index.js';

// How many tokens a prompt cannot exceed, known without a tokenizer: a token of any vocabulary stands for at least one
// byte, so that the bytes of all texts are a bound, together with what a server's template puts around them.

/** What a chat template adds to every conversation, and to one with tools. */
const TEMPLATE_TOKENS = 32;
const TOOLS_TEMPLATE_TOKENS = 256;
/** The marks around a member or an element where an object is written into the prompt. */
const MEMBER_TOKENS = 4;
const ELEMENT_TOKENS = 2;
/** The longest text of a number that was written with an exponent, such as -1.2345678901234567e+300. */
const EXPONENT_NUMBER_TOKENS = 25;

/** More than any limit: the bound of prompts whose size only the upstream knows. */
export const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** They steer the upstream and are no part of a prompt. */
const NO_PROMPT = new Set(
  (
    'model user metadata stream stream_options store service_tier stop logit_bias safety_identifier prompt_cache_key ' +
    'max_tokens max_completion_tokens max_output_tokens'
  ).split(' '),
);

/** What these stand for is fetched by the upstream. */
const FETCHED = new Set(['previous_response_id', 'conversation']);
const TOOLS = new Set(['tools', 'functions']);
const MEDIA = /image|audio|video|file|document|reference/;
/** Types of tools that the upstream does not run itself. */
const CALLERS_TOOLS = new Set(['function', 'custom']);

/** No name that is known here is longer. Longer ones count as text, whatever they name. */
const MAX_NAME_BYTES = 64;
const MAX_TYPE_BYTES = 256;
const TOOL_DEPTH = 3;

const QUOTE = 0x22;
const NULL = 0x6e;
const LOWER_E = 0x65;
const UPPER_E = 0x45;
const QUOTES = 2;

const textAt = (bytes: Buffer, start: number, end: number): string =>
  JSON.parse(bytes.toString('utf8', start, end)) as string;

function hasExponent(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) return true;
  return false;
}

/**
 * Computes an upper bound of the prompt's tokens while the body of a request is read. The bound is {@link UNBOUNDED} for
 * images, files and the like, for tools that the upstream runs itself, and for what the upstream remembers.
 */
export class PromptBound implements JsonVisitor {
  private total = TEMPLATE_TOKENS;
  private isUnbounded = false;
  /** The outermost member that is being read. */
  private member = '';
  private isPrompt = true;
  /** The nearest key, and whether the next value belongs to it. A value that no key precedes is an element. */
  private isType = false;
  private hasKey = false;
  private hasTools = false;

  get tokens(): number {
    return this.isUnbounded ? UNBOUNDED : Math.min(this.total, UNBOUNDED);
  }

  key(bytes: Buffer, start: number, end: number, depth: number): void {
    this.hasKey = true;
    const name = end - start > MAX_NAME_BYTES ? '' : textAt(bytes, start - 1, end + 1);
    this.isType = name === 'type';
    if (depth === 1) {
      this.member = name;
      this.isPrompt = !NO_PROMPT.has(name);
    } else this.add(end - start + MEMBER_TOKENS);
  }

  scalar(bytes: Buffer, start: number, end: number, depth: number): void {
    const isString = bytes[start] === QUOTE;
    if (depth === 1 && FETCHED.has(this.member) && bytes[start] !== NULL) this.isUnbounded = true;
    if (depth > 1 && this.isType && isString) this.takeType(bytes, start, end, depth);
    this.addElement();
    if (isString) this.add(end - start - QUOTES);
    else this.add(hasExponent(bytes, start, end) ? EXPONENT_NUMBER_TOKENS : end - start);
  }

  open(_bytes: Buffer, _start: number, isObject: boolean, depth: number): void {
    if (depth === 1 && (FETCHED.has(this.member) || (isObject && this.member === 'prompt'))) this.isUnbounded = true;
    if (depth === 2 && TOOLS.has(this.member) && !this.hasTools) {
      this.hasTools = true;
      this.add(TOOLS_TEMPLATE_TOKENS);
    }
    this.addElement();
  }

  close(): void {
    this.hasKey = false;
  }

  private addElement(): void {
    if (!this.hasKey) this.add(ELEMENT_TOKENS);
    this.hasKey = false;
  }

  private add(tokens: number): void {
    if (this.isPrompt) this.total += tokens;
  }

  private takeType(bytes: Buffer, start: number, end: number, depth: number): void {
    const type = end - start > MAX_TYPE_BYTES ? undefined : textAt(bytes, start, end);
    const isHosted = depth === TOOL_DEPTH && TOOLS.has(this.member) && !CALLERS_TOOLS.has(type ?? '');
    if (type === undefined || isHosted || (this.isPrompt && MEDIA.test(type))) this.isUnbounded = true;
  }
}
