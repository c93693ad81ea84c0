type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a chat template writes around a message. */
const TOKENS_PER_MESSAGE = 3;

/** What a request asks a model to read. */
export interface Prompt {
  texts: string[];
  /** Tokens that need no counting: those of templates, and those that came as token ids. */
  tokens: number;
}

/** Some of the prompt is no text, as an image is. */
class NotText extends Error {
  override readonly name = 'NotText';
}

class PromptReading implements Prompt {
  readonly texts: string[] = [];
  tokens = 0;

  read(body: Fields): this {
    for (const key of ['system', 'instructions', 'suffix']) this.content(body[key]);
    for (const key of ['messages', 'input']) this.items(body[key]);
    this.completionPrompt(body['prompt']);
    for (const key of ['query', 'queries', 'documents', 'text_1', 'text_2']) this.content(body[key]);
    for (const key of ['tools', 'functions']) this.json(body[key]);
    return this;
  }

  /** Messages of a chat, items of the Responses API, or texts to embed. */
  private items(value: unknown): void {
    if (!Array.isArray(value)) return this.content(value);
    for (const item of value) {
      if (isObject(item)) this.message(item);
      else this.completionPrompt(item);
    }
  }

  private message(message: Fields): void {
    this.tokens += TOKENS_PER_MESSAGE;
    this.content(message['content']);
    for (const call of [message['tool_calls']].flat()) {
      if (isObject(call)) this.json(call['function']);
    }
    for (const key of ['name', 'arguments', 'output', 'reasoning_content']) this.content(message[key]);
  }

  /** A text, or parts of which each has one. */
  private content(value: unknown): void {
    if (typeof value === 'string') this.texts.push(value);
    else if (Array.isArray(value)) for (const part of value) this.part(part);
  }

  private part(part: unknown): void {
    if (typeof part === 'string') this.texts.push(part);
    if (!isObject(part)) return;
    const { type } = part;
    if (typeof type === 'string' && /image|audio|video|file|document/.test(type)) throw new NotText(type);
    for (const key of ['text', 'thinking', 'refusal', 'content']) this.content(part[key]);
    if (type === 'tool_use') this.json(part['input']);
  }

  /** One prompt or several, each a text or token ids. */
  private completionPrompt(value: unknown): void {
    if (typeof value === 'string') this.texts.push(value);
    else if (typeof value === 'number') this.tokens++;
    else if (Array.isArray(value)) for (const prompt of value) this.completionPrompt(prompt);
  }

  private json(value: unknown): void {
    if (value !== undefined && value !== null) this.texts.push(JSON.stringify(value));
  }
}

/**
 * The prompt in a request's body, in the words of any of the endpoints.
 * @returns `undefined` where some of it is no text
 */
export function promptOf(body: unknown): Prompt | undefined {
  try {
    return new PromptReading().read(isObject(body) ? body : {});
  } catch (error) {
    if (error instanceof NotText) return undefined;
    throw error;
  }
}
