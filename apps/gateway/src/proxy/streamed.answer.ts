import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import type { AnswerReader, UsageWish } from './answer.reader.js';
import type { HeaderList } from './hop-by-hop.headers.js';
import { StreamTap } from './stream.tap.js';
import { failureOf, malformedAnswer, type UpstreamFailure } from './upstream-failure.js';

/** Passes server-sent events on as they come. */
export class StreamedAnswer implements Answer {
  private readonly tap: StreamTap;
  private begun = false;

  constructor(
    private readonly outlet: AnswerOutlet,
    private readonly headers: HeaderList,
    private readonly reader: AnswerReader,
    wish: UsageWish,
  ) {
    this.tap = new StreamTap(reader, wish);
  }

  data(chunk: Buffer): boolean {
    const { bytes, final } = this.tap.push(chunk);
    const flowing = bytes.length === 0 || this.write(bytes);
    if (final.length > 0) this.finish(final);
    else if (this.tap.broken)
      this.outlet.fail({ ...failureOf(new Error('an error event in the stream')), mayBeTheRequest: true });
    return flowing;
  }

  end(): UpstreamFailure | undefined {
    const rest = this.tap.flush();
    if (this.tap.ended === undefined) return malformedAnswer(new Error('the stream ended before its last event'));
    if (rest.length > 0) this.finish(rest);
    return undefined;
  }

  breakOff({ error }: UpstreamFailure): void {
    if (this.begun) this.outlet.write(Buffer.from(this.reader.errorEvent(error)));
  }

  measure(): AnswerMeasure {
    return { usage: this.reader.usage(), text: this.reader.text };
  }

  /** Many clients leave at the last event: by then the entry must be written. */
  private finish(final: Buffer): void {
    this.outlet.settle(this.measure(), final.length, () => void this.write(final), this.tap.ended === 'failed');
  }

  private write(bytes: Buffer): boolean {
    if (!this.begun) {
      this.begun = true;
      this.outlet.head(this.headers);
    }
    return this.outlet.write(bytes);
  }
}
