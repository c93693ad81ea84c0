import { type JsonSink, jsonValueAt, keysNamed, scanJsonObject } from '../platform/json/index.js';

/** The members of a usage object that are read, and those of its details; all else is passed over. */
const KEYS = keysNamed(
  (
    'prompt_tokens completion_tokens total_tokens input_tokens output_tokens ' +
    'prompt_tokens_details completion_tokens_details input_tokens_details output_tokens_details ' +
    'cached_tokens reasoning_tokens cache_read_input_tokens cache_creation_input_tokens'
  ).split(' '),
);

const OPEN_BRACE = 0x7b;

export type UsageFields = Record<string, unknown>;

/** Collects what is read of one object. */
class FieldsReader implements JsonSink {
  readonly fields: UsageFields = {};

  enter(): boolean {
    return false;
  }

  string(): void {
    // Nothing was entered.
  }

  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const name = KEYS.at(bytes, keyStart, keyEnd);
    if (name === undefined) return;
    this.fields[name] =
      bytes[valueStart] === OPEN_BRACE ? usageFieldsIn(bytes, valueStart) : jsonValueAt(bytes, valueStart, valueEnd);
  }
}

/**
 * What a usage object says, read where it stands, with nothing made of the rest (ADR 0018).
 * @returns `undefined` where no whole object stands there
 */
export function usageFieldsIn(bytes: Buffer, from = 0): UsageFields | undefined {
  const reader = new FieldsReader();
  return scanJsonObject(bytes, from, reader, true) === -1 ? undefined : reader.fields;
}
