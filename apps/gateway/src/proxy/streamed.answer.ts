import type { Answer, AnswerMeasure, AnswerOutlet } from './answer.js';
import { StreamTap, type UsageWish } from './stream.tap.js';
import { malformedAnswer, type UpstreamFailure } from './upstream-failure.js';

/** Passes server-sent events on as they come. */
export class StreamedAnswer implements Answer {
  private readonly tap: StreamTap;
  private begun = false;

  constructor(
    private readonly outlet: AnswerOutlet,
    private readonly headers: Record<string, string | string[]>,
    wish: UsageWish,
  ) {
    this.tap = new StreamTap(wish);
  }

  data(chunk: Buffer): boolean {
    const { bytes, final } = this.tap.push(chunk);
    let flowing = bytes.length === 0 || this.write(bytes);
    if (final.length > 0) {
      // Many clients leave at [DONE]: by then the entry must be written.
      this.outlet.settle(this.measure(), final.length);
      flowing = this.write(final) && flowing;
    }
    return flowing;
  }

  end(): UpstreamFailure | undefined {
    return this.tap.done ? undefined : malformedAnswer(new Error('the stream ended without [DONE]'));
  }

  breakOff({ error }: UpstreamFailure): void {
    if (this.begun) this.outlet.write(Buffer.from(`data: ${JSON.stringify(error.toBody())}\n\n`));
  }

  measure(): AnswerMeasure {
    return { usage: this.tap.usage(), outputEstimate: this.tap.outputEstimate };
  }

  private write(bytes: Buffer): boolean {
    if (!this.begun) {
      this.begun = true;
      this.outlet.head(this.headers);
    }
    return this.outlet.write(bytes);
  }
}
