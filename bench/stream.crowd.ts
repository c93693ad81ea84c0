import { RelayedStream } from './relayed.stream.js';
import { questionOf } from './stream.bytes.js';
import { StreamClient, type Way } from './stream.client.js';
import type { StreamSamples } from './stream.samples.js';

/** How many streams are opened at a time: who opens more measures how they queue. */
const OPENED_TOGETHER = 2;
const ENDLESS = Number.POSITIVE_INFINITY;

/** Streams that are under way, each on a connection of its own. */
export class StreamCrowd {
  readonly streams: RelayedStream[] = [];
  /** What went wrong, one for each stream that broke. */
  readonly errors: Error[] = [];
  private readonly clients: StreamClient[] = [];
  private readonly ends: Promise<void>[] = [];

  /**
   * @param known where the upstream finds its streams
   * @param inTurn whether each event waits until the one before has arrived
   */
  constructor(
    private readonly way: Way,
    private readonly known: Map<number, RelayedStream>,
    private readonly samples: () => StreamSamples,
    private readonly inTurn: boolean,
  ) {}

  /** @throws Error where a stream broke */
  async grow(to: number, together = OPENED_TOGETHER): Promise<void> {
    while (this.streams.length < to)
      await Promise.all(Array.from({ length: Math.min(together, to - this.streams.length) }, () => this.open()));
  }

  /** @throws Error where a stream did not end as it should */
  async end(): Promise<void> {
    for (const stream of this.streams) stream.finish();
    await Promise.all(this.ends);
    for (const client of this.clients) client.close();
    for (const { id } of this.streams) this.known.delete(id);
    this.check();
  }

  private async open(): Promise<void> {
    const stream = new RelayedStream({ samples: this.samples, events: ENDLESS, inTurn: this.inTurn });
    this.known.set(stream.id, stream);
    this.streams.push(stream);
    const client = await StreamClient.connect(this.way);
    this.clients.push(client);
    this.ends.push(client.ask(stream, questionOf(stream.id)).catch((error: Error) => void this.errors.push(error)));
    await stream.begun(() => this.check());
  }

  private check(): void {
    const [first] = this.errors;
    if (first !== undefined) throw new Error(`${this.errors.length} streams broke`, { cause: first });
  }
}
