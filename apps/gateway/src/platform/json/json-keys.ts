import { bytesAre } from './json-scalar.js';

interface Known<T> {
  readonly key: Buffer;
  readonly meaning: T;
}

/**
 * What some keys mean, told where they stand in bytes. They are kept by their lengths, because most keys that are asked about
 * are none of them.
 */
export class JsonKeys<T> {
  private readonly byLength: (Known<T>[] | undefined)[];

  constructor(meanings: readonly (readonly [string, T])[]) {
    const longest = Math.max(...meanings.map(([key]) => Buffer.byteLength(key)));
    this.byLength = new Array<Known<T>[] | undefined>(longest + 1).fill(undefined);
    for (const [name, meaning] of meanings) {
      const key = Buffer.from(name);
      (this.byLength[key.length] ??= []).push({ key, meaning });
    }
  }

  /** @param start of the key, without its quotes */
  at(bytes: Buffer, start: number, end: number): T | undefined {
    const length = end - start;
    if (length >= this.byLength.length) return undefined;
    const alike = this.byLength[length];
    if (alike === undefined) return undefined;
    for (let i = 0; i < alike.length; i++) {
      const known = alike[i];
      if (known !== undefined && bytesAre(bytes, start, end, known.key)) return known.meaning;
    }
    return undefined;
  }
}

/** Where each key means itself. */
export const keysNamed = <K extends string>(names: readonly K[]): JsonKeys<K> =>
  new JsonKeys(names.map(name => [name, name] as const));
