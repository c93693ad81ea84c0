import { RelayedStream } from './relayed.stream.js';
import { questionOf } from './stream.bytes.js';
import { StreamClient, type Way } from './stream.client.js';
import { Pacer } from './stream.pacer.js';
import type { StreamSamples } from './stream.samples.js';

/** Its multiples, without their whole parts, are spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export interface TrafficPlan {
  /** How many streams there are at a time. */
  streams: number;
  /** How many events a second each of them has. */
  rate: number;
  /** How many events a stream has before it ends. */
  events: number;
}

/** Streams that come and go at a steady pace: each client keeps its connection, and asks anew when its answer has ended. */
export class StreamTraffic {
  /** What each client reads. */
  private readonly streams: RelayedStream[] = [];
  private readonly clients: Promise<void>[] = [];
  private readonly pacer: Pacer;
  private broken: unknown;
  private ending = false;

  /** @param known where the upstream finds its streams */
  constructor(
    private readonly way: Way,
    private readonly known: Map<number, RelayedStream>,
    private readonly samples: () => StreamSamples,
    private readonly plan: TrafficPlan,
  ) {
    const { streams, rate } = plan;
    this.pacer = new Pacer(
      Array.from({ length: streams }, (_, client) => () => this.turn(client)),
      streams * rate,
    );
  }

  /** Resolves when each client has the first byte of an answer. @throws Error where a stream broke */
  async begin(): Promise<void> {
    for (let client = 0; client < this.plan.streams; client += 1) {
      const connection = await StreamClient.connect(this.way);
      const asking = this.ask(client, connection, this.firstEvents(client));
      this.clients.push(asking.catch((error: unknown) => void (this.broken ??= error)));
      await this.streams[client]?.begun(() => this.check());
    }
  }

  /** Lets all streams end. @throws Error where any broke */
  async end(): Promise<void> {
    this.ending = true;
    await Promise.all(this.clients);
    this.check();
    this.pacer.stop();
  }

  private check(): void {
    if (this.broken === undefined) return;
    this.pacer.stop();
    throw new Error('a stream broke', { cause: this.broken });
  }

  /** The first streams are of all lengths, and neighbours of different ones: from then on their ends are spread evenly. */
  private firstEvents(client: number): number {
    return 1 + Math.floor(((client * GOLDEN) % 1) * this.plan.events);
  }

  private turn(client: number): void {
    const stream = this.streams[client];
    if (this.ending) stream?.finish();
    else stream?.write();
  }

  private async ask(client: number, connection: StreamClient, firstEvents: number): Promise<void> {
    for (let events = firstEvents; !this.ending; { events } = this.plan) {
      const stream = new RelayedStream({ samples: this.samples, events, inTurn: false });
      this.known.set(stream.id, stream);
      this.streams[client] = stream;
      await connection.ask(stream, questionOf(stream.id));
      this.known.delete(stream.id);
    }
    connection.close();
  }
}
