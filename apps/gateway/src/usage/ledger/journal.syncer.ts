import { Logger } from '@nestjs/common';
import { journalErrorsTotal } from '../../platform/telemetry/index.js';
import type { JournalSegment } from './journal.segment.js';

/** Brings what was written to the disk itself, at an interval: that much a power cut can cost. */
export class JournalSyncer {
  private readonly logger = new Logger(JournalSyncer.name);
  private readonly dirty = new Set<JournalSegment>();
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly intervalMs: number) {}

  /** Something was written to the segment. */
  touch(segment: JournalSegment): void {
    this.dirty.add(segment);
    this.timer ??= setTimeout(() => void this.sync(), this.intervalMs).unref();
  }

  /**
   * Resolves when everything that was written before the call is on the disk, and no earlier call is under way. A
   * segment that the disk refuses is logged and counted; never rejects.
   */
  sync(): Promise<void> {
    this.last = this.last.then(() => this.pass());
    return this.last;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private async pass(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const segments = [...this.dirty];
    this.dirty.clear();
    for (const segment of segments) {
      try {
        await segment.sync();
      } catch (error) {
        journalErrorsTotal.inc({ operation: 'sync' });
        this.logger.error({ err: error }, 'the journal cannot be brought to the disk; a power cut may take its end');
      }
    }
  }
}
