import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { decodeRecords, encodeRecord } from './journal.record.js';
import type { LedgerEntry } from './ledger-entry.js';

const NAME = /^ledger-\d{16}\.log$/;

/**
 * Keeps entries across the death of the process: each is appended to a file before its answer ends. A write that has
 * returned outlives a killed process; it is not forced to the disk, so a power cut may take the last ones.
 */
@Injectable()
export class Journal implements OnApplicationShutdown {
  private readonly folder: string;
  private readonly closed: string[] = [];
  private next = 0;
  private current: { path: string; file: number } | undefined;

  constructor(@Inject(ENVIRONMENT) environment: Environment) {
    this.folder = join(resolve(environment.MAAS_DATA_DIR), 'journal');
  }

  /** What earlier processes left. Their segments are removed by the first {@link forget} after it. */
  recover(): LedgerEntry[] {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(this.folder)
      .filter(name => NAME.test(name))
      .sort();
    const last = names.at(-1);
    this.next = last === undefined ? 0 : Number(last.slice(7, 23)) + 1;
    this.closed.push(...names.map(name => join(this.folder, name)));
    return this.closed.flatMap(path => decodeRecords(readFileSync(path, 'utf8')));
  }

  /** Synchronous, because that is the cheap way: some microseconds. @throws where the file cannot be written */
  append(entry: LedgerEntry): void {
    this.current ??= this.open();
    writeSync(this.current.file, encodeRecord(entry));
  }

  /** Closes the segment that is written now. @returns the segments that hold all that was appended so far */
  rotate(): string[] {
    if (this.current !== undefined) {
      closeSync(this.current.file);
      this.closed.push(this.current.path);
      this.current = undefined;
    }
    return [...this.closed];
  }

  /** Removes segments whose entries are all in Postgres. */
  forget(segments: string[]): void {
    for (const path of segments) {
      unlinkSync(path);
      this.closed.splice(this.closed.indexOf(path), 1);
    }
  }

  onApplicationShutdown(): void {
    this.rotate();
  }

  private open(): { path: string; file: number } {
    const path = join(this.folder, `ledger-${String(this.next++).padStart(16, '0')}.log`);
    return { path, file: openSync(path, 'ax', 0o600) };
  }
}
