import { invalidRequest } from '../platform/errors/index.js';
import { type JsonPlace, type JsonVisitor, jsonValueAt, type ObjectLayout } from '../platform/json/index.js';
import { CheckedNames, foldedName } from './checked-names.js';
import { CAPS } from './output-cap.js';
import { type PromptBound } from './prompt-bound.js';
import { STORED_NAMES, type StoredReferences } from './stored-response.js';

/** Members that admission goes by. Of two values an upstream might take the one that was not checked. */
const SETTINGS = ['model', 'stream', 'stream_options', 'n', 'best_of', ...CAPS] as const;
const PROMPT = 'prompt';
const STREAM_OPTIONS = 'stream_options';

const OPTION_NAMES: ReadonlySet<string> = new Set(['include_usage', 'continuous_usage_stats']);

const NAMES = new CheckedNames<string>([...SETTINGS, PROMPT, ...STORED_NAMES]);
const IS_SETTING: ReadonlySet<string> = new Set(SETTINGS);

/** No request of a known API has a tenth of it. */
const MAX_MEMBERS = 1000;
/** A setting is a short text, a number or a small object. */
const MAX_SETTING_BYTES = 4096;

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Stands for a setting that is an object or an array where none is allowed. Whoever checks the setting refuses it. */
const NOT_A_SCALAR = Object.freeze({});

const isNumberAt = (byte: number | undefined): boolean =>
  byte === MINUS || (byte !== undefined && byte >= ZERO && byte <= NINE);

/**
 * Collects the settings of a body while it is read; nothing is made of the rest of it.
 * Its methods throw an ApiError 400 for a body that another reader could understand in another way: a checked member that
 * is named twice, or in another case.
 */
export class SettingsReader implements JsonVisitor {
  readonly settings: Record<string, unknown> = {};
  private readonly places: Record<string, JsonPlace | undefined> = {};
  private closeAt = 0;
  private members = 0;
  private readonly seen: string[] = [];
  /** The outermost member that is being read, where it is a checked one. */
  private name: string | undefined;
  private valueStart = 0;
  private prompts = 0;
  /** Whether `prompt` is an array of prompts. An array of numbers is one prompt of token ids. */
  private hasPrompts = false;

  /**
   * @param stored checks references to what the upstream has stored, where the endpoint knows any
   * @param bound computes the prompt's bound, where the tier needs it
   */
  constructor(
    private readonly stored: StoredReferences | undefined,
    private readonly bound: PromptBound | undefined,
  ) {}

  get layout(): ObjectLayout {
    return { places: this.places, closeAt: this.closeAt, isEmpty: this.members === 0 };
  }

  /** Number of prompts that have answers of their own. */
  get promptCount(): number {
    return this.hasPrompts ? Math.max(1, this.prompts) : 1;
  }

  key(bytes: Buffer, start: number, end: number, depth: number): void {
    if (depth === 1) this.enter(NAMES.at(bytes, start, end));
    this.stored?.key(bytes, start, end, depth);
    this.bound?.key(bytes, start, end, depth);
  }

  scalar(bytes: Buffer, start: number, end: number, depth: number): void {
    if (depth === 1 && this.name !== undefined) this.take(this.name, bytes, start, end);
    else if (depth === 2) this.countPrompt(isNumberAt(bytes[start]));
    else if (depth === 0) throw notAnObject();
    this.stored?.scalar(bytes, start, end, depth);
    this.bound?.scalar(bytes, start, end, depth);
  }

  open(bytes: Buffer, start: number, isObject: boolean, depth: number): void {
    if (depth === 0 && !isObject) throw notAnObject();
    if (depth === 1) {
      this.valueStart = start;
      if (this.name === PROMPT) this.hasPrompts = !isObject;
    } else if (depth === 2) this.countPrompt(false);
    this.stored?.open(bytes, start, isObject, depth);
    this.bound?.open(bytes, start, isObject, depth);
  }

  close(bytes: Buffer, end: number, isObject: boolean, depth: number): void {
    if (depth === 1 && this.name !== undefined) this.take(this.name, bytes, this.valueStart, end);
    else if (depth === 0) this.closeAt = end - 1;
    this.stored?.close(bytes, end, isObject, depth);
    this.bound?.close();
  }

  private enter(name: string | undefined): void {
    if (++this.members > MAX_MEMBERS) throw invalidRequest(`The body has more than ${MAX_MEMBERS} members`);
    this.name = name;
    this.stored?.enter(name);
    if (name === undefined) return;
    if (this.seen.includes(name)) throw invalidRequest(`${name} is named twice`, name);
    this.seen.push(name);
  }

  private take(name: string, bytes: Buffer, start: number, end: number): void {
    if (!IS_SETTING.has(name)) return;
    if (end - start > MAX_SETTING_BYTES)
      throw invalidRequest(`${name} is longer than ${MAX_SETTING_BYTES} bytes`, name);
    this.places[name] = { start, end };
    if (bytes[start] !== OPEN_BRACE && bytes[start] !== OPEN_BRACKET)
      this.settings[name] = jsonValueAt(bytes, start, end);
    else this.settings[name] = name === STREAM_OPTIONS ? streamOptionsAt(bytes, start, end) : NOT_A_SCALAR;
  }

  private countPrompt(isNumber: boolean): void {
    if (this.name !== PROMPT || !this.hasPrompts) return;
    if (this.prompts === 0 && isNumber) this.hasPrompts = false;
    this.prompts++;
  }
}

/** The gateway sends the upstream these options with its own beside them, so that they too must have one reading. */
function streamOptionsAt(bytes: Buffer, start: number, end: number): unknown {
  const options = jsonValueAt(bytes, start, end);
  const names = typeof options === 'object' && options !== null ? Object.keys(options) : [];
  const variant = names.find(name => !OPTION_NAMES.has(name) && OPTION_NAMES.has(foldedName(name)));
  if (variant === undefined) return options;
  throw invalidRequest(`stream_options.${variant} is not a field; write "${foldedName(variant)}"`, STREAM_OPTIONS);
}

const notAnObject = (): Error => invalidRequest('The body must be a JSON object');
