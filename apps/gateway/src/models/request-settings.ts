import { isUtf8 } from 'node:buffer';
import { afterSpace, type JsonSink, jsonValueAt, keysNamed, scanJsonObject } from '../platform/json/index.js';
import { CAPS } from './output-cap.js';

/** What admission goes by: of two values an upstream might take the one that was not checked. */
export const SETTINGS = ['model', 'stream', 'stream_options', 'n', 'best_of', ...CAPS] as const;

/** Several prompts have several answers; one that is no list has one, whatever it is. */
const PROMPT = 'prompt';

const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;

/**
 * Of longer bodies the long texts are passed over natively, as far as their closing quote: a prompt of 10 MB must not keep
 * the event loop. What is wrong within such a text, an escape that is none, its upstream will tell.
 */
const SHORT_BYTES = 64 * 1024;

const KEYS = keysNamed([...SETTINGS, PROMPT]);

function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Collects the settings of one body. */
class SettingsReader implements JsonSink {
  readonly settings: Record<string, unknown> = {};
  /** Whether somebody could read the body in another way: a setting that is there twice, or may be by an escaped name. */
  isAmbiguous = false;

  enter(): boolean {
    return false;
  }

  string(): void {
    // Nothing was entered.
  }

  member(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const name = KEYS.at(bytes, keyStart, keyEnd);
    if (name === undefined) {
      if (hasEscape(bytes, keyStart, keyEnd)) this.isAmbiguous = true;
      return;
    }
    if (name === PROMPT && bytes[valueStart] !== OPEN_BRACKET) return;
    if (name in this.settings) this.isAmbiguous = true;
    this.settings[name] = jsonValueAt(bytes, valueStart, valueEnd);
  }
}

/**
 * The settings of a body, with nothing made of the rest of it (ADR 0018).
 * @returns `undefined` where the body must be parsed to tell: it is no JSON object, or ambiguous
 */
export function settingsOf(bytes: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(bytes)) return undefined;
  const reader = new SettingsReader();
  const end = scanJsonObject(bytes, 0, reader, bytes.length <= SHORT_BYTES);
  const isWhole = end !== -1 && afterSpace(bytes, end) === bytes.length;
  return isWhole && !reader.isAmbiguous ? reader.settings : undefined;
}
