import type { OnApplicationShutdown } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Slots } from '../collections/index.js';
import { requestTooLarge } from '../errors/index.js';
import { heldBodyBytes } from '../telemetry/index.js';
import { BodyReading } from './body.reading.js';
import { askForBody } from './expect-continue.js';
import { type HeldBytes } from './held-bytes.js';

const CHECK_MS = 1000;

/** A body in memory. Its bytes count as held until {@link release}. */
export interface HeldBody {
  readonly bytes: Buffer;
  /** Call it once, when nobody needs the bytes any more. */
  release(): void;
}

/** Reads request bodies into memory, within bounds of size, rate and memory in all. */
export class BodyReader implements OnApplicationShutdown {
  private readonly readings = new Slots<BodyReading>();
  private readonly timer = setInterval(() => this.check(), CHECK_MS).unref();

  constructor(
    readonly held: HeldBytes,
    readonly minBytesPerSecond: number,
  ) {}

  /**
   * @param maxBytes bytes that the body may have
   * @throws ApiError by rejection: 413 for a longer body, 503 `overloaded` where there is no memory for it, 408 where it
   * comes too slowly, 400 where the client leaves before its end
   */
  async read(request: IncomingMessage, maxBytes: number): Promise<HeldBody> {
    const announcedBytes = Number(request.headers['content-length'] ?? Number.NaN);
    if (announcedBytes > maxBytes) throw requestTooLarge();
    const { held, minBytesPerSecond } = this;
    return new Promise((resolve, reject) => {
      const reading = new BodyReading(
        request,
        announcedBytes,
        { maxBytes, minBytesPerSecond, held },
        {
          read: bytes => {
            this.readings.delete(reading);
            resolve({ bytes, release: () => held.release(bytes.length) });
          },
          failed: error => {
            this.readings.delete(reading);
            reject(error);
          },
        },
      );
      this.readings.add(reading);
      askForBody(request);
      reading.begin();
    });
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const nowMs = performance.now();
    for (const reading of this.readings.all()) reading.check(nowMs);
    heldBodyBytes.set(this.held.total);
  }
}
