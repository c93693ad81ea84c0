import { closeSync, fdatasync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const syncData = promisify(fdatasync);

/** Of each file of the journal. */
export const SEGMENT_BYTES = 1024 * 1024;

const ZEROS = Buffer.alloc(SEGMENT_BYTES);

/**
 * A file that is filled with zeros when it is made and then written from its beginning to its end, so that a disk which
 * fills up later has no say in it.
 */
export class PreallocatedFile {
  /** To where an append got that failed. */
  private soiledTo = 0;

  private constructor(
    readonly path: string,
    private file: number | undefined,
    private end: number,
  ) {}

  /** @throws where the file exists, or the disk has no room for it; then nothing is left of it */
  static create(path: string): PreallocatedFile {
    const file = openSync(path, 'wx+', 0o600);
    try {
      writeZeros(file);
      return new PreallocatedFile(path, file, 0);
    } catch (error) {
      closeSync(file);
      rmSync(path);
      throw error;
    }
  }

  /** What an earlier process left; it is only read. */
  static left(path: string): PreallocatedFile {
    return new PreallocatedFile(path, undefined, 0);
  }

  get writable(): boolean {
    return this.file !== undefined;
  }

  /** Where the next text is written: bytes from the beginning. */
  get position(): number {
    return this.end;
  }

  /**
   * Synchronous, because that is the cheap way: some microseconds. What was written outlives the process.
   * @param bytes how many of `buffer`, from its beginning
   * @throws where they cannot be written whole; what is written next then takes the place of whatever was
   */
  append(buffer: Buffer, bytes: number): void {
    if (this.file === undefined) throw new Error(`${this.path} is written no more`);
    if (this.soiledTo > this.end) this.writeWhole(this.file, ZEROS, this.soiledTo - this.end);
    this.soiledTo = this.end + bytes;
    this.writeWhole(this.file, buffer, bytes);
    this.end += bytes;
  }

  /**
   * Its bytes from `from` to `to`, or to its end, which may be zeros.
   * @param into where they are put, if there is room for them
   * @throws where it cannot be read
   */
  contents(into: Buffer = Buffer.alloc(0), from = 0, to?: number): Buffer {
    const file = this.file ?? openSync(this.path, 'r');
    try {
      const length = (to ?? fstatSync(file).size) - from;
      const bytes = length > into.length ? Buffer.allocUnsafe(length) : into;
      return bytes.subarray(0, readSync(file, bytes, 0, length, from));
    } finally {
      if (file !== this.file) closeSync(file);
    }
  }

  /** Resolves when what was appended before the call outlives a power cut too. */
  async sync(): Promise<void> {
    if (this.file !== undefined) await syncData(this.file);
  }

  /** Lets go of the file, which is written no more. Not while {@link sync} runs. */
  close(): void {
    if (this.file === undefined) return;
    closeSync(this.file);
    this.file = undefined;
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  private writeWhole(file: number, buffer: Buffer, bytes: number): void {
    const written = writeSync(file, buffer, 0, bytes, this.end);
    if (written !== bytes) throw new Error(`${this.path} took ${written} of ${bytes} bytes`);
  }
}

/**
 * Small enough that each page of the file stands by itself in the kernel's cache: where one write has made a large one of
 * many, every later write to a part of it goes through all of it, 1.7 us instead of 0.7.
 */
const PIECE_BYTES = 64 * 1024;

/** A disk that is nearly full takes a part without an error. */
function writeZeros(file: number): void {
  for (let at = 0; at < ZEROS.length;) at += writeSync(file, ZEROS, at, Math.min(PIECE_BYTES, ZEROS.length - at), at);
}
