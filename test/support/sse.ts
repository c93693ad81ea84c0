import { open, type CallOptions } from './answer.js';

export interface StreamChunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
  error?: { message: string; type: string; param: string | null; code: string };
}

/** A streamed answer that is read event by event. */
export class EventStream {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();
  private pending = '';

  constructor(readonly response: Response) {
    if (!response.body) throw new Error('an answer without a body');
    this.reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  /** The data of the next event; `undefined` at the end of the stream. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.pending.indexOf('\n\n');
      if (end >= 0) {
        const event = this.pending.slice(0, end);
        this.pending = this.pending.slice(end + 2);
        const data = event.split('\n').filter(line => line.startsWith('data: '));
        if (data.length > 0) return data.map(line => line.slice('data: '.length)).join('\n');
        continue;
      }
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.pending += this.decoder.decode(value, { stream: true });
    }
  }

  async rest(): Promise<string[]> {
    const events: string[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) events.push(event);
    return events;
  }
}

export async function openEvents(url: string, options: CallOptions): Promise<EventStream> {
  return new EventStream(await open(url, options));
}

export const parseChunks = (events: string[]): StreamChunk[] =>
  events.filter(event => event !== '[DONE]').map(event => JSON.parse(event) as StreamChunk);

export const contentOf = (chunks: StreamChunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
