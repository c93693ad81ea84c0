import { invalidRequest, notFound } from '../platform/errors/index.js';
import type { JsonVisitor } from '../platform/json/index.js';
import { CheckedNames } from './checked-names.js';

// The Responses API refers to what an upstream has stored of earlier requests. All callers share the gateway's credential
// there, so that one could read what another has said. Responses in the background report to nobody what they used.

/** Members that refer to something stored. */
const STORED = ['previous_response_id', 'conversation'] as const;
/** Members of a request that are checked here. */
export const STORED_NAMES = [...STORED, 'background', 'input'] as const;
type StoredName = (typeof STORED_NAMES)[number];

const ITEM_NAMES = new CheckedNames(['type', 'id', 'role', 'content']);
const REFERENCE = 'item_reference';
/** Longer than the name of any type of an item. */
const MAX_TYPE_BYTES = 256;

const QUOTE = 0x22;
const ITEMS_DEPTH = 2;
const ITEM_DEPTH = 3;

const isNullAt = (bytes: Buffer, start: number): boolean => bytes[start] === 0x6e;
const isFalseAt = (bytes: Buffer, start: number): boolean => bytes[start] === 0x66;
const storedItem = (): Error => notFound('Items of stored responses are not offered', 'input');

/**
 * Refuses requests to the Responses API that only an upstream's memory could answer.
 * Its methods throw an ApiError: 404 for what is stored, 400 for responses in the background.
 */
export class StoredReferences implements JsonVisitor {
  /** The outermost member that is being read, where it is checked here. */
  private member: StoredName | undefined;
  private itemMember: 'type' | 'id' | 'role' | 'content' | undefined;
  private type: string | undefined;
  private hasId = false;
  private hasRole = false;
  private hasContent = false;

  /** An outermost member begins. */
  enter(name: string | undefined): void {
    this.member = STORED_NAMES.find(known => known === name);
  }

  key(bytes: Buffer, start: number, end: number, depth: number): void {
    if (depth !== ITEM_DEPTH || this.member !== 'input') return;
    this.itemMember = ITEM_NAMES.at(bytes, start, end);
    if (this.itemMember === 'id') this.hasId = true;
    else if (this.itemMember === 'role') this.hasRole = true;
    else if (this.itemMember === 'content') this.hasContent = true;
  }

  scalar(bytes: Buffer, start: number, end: number, depth: number): void {
    if (this.member === undefined) return;
    if (depth === 1) this.checkMember(this.member, bytes, start);
    else if (depth === ITEM_DEPTH && this.itemMember === 'type' && bytes[start] === QUOTE)
      this.takeType(bytes, start, end);
    if (depth === ITEM_DEPTH) this.itemMember = undefined;
  }

  open(bytes: Buffer, start: number, isObject: boolean, depth: number): void {
    if (depth === 1 && this.member !== undefined) {
      if (this.member !== 'input') this.checkMember(this.member, bytes, start);
      else if (isObject) throw invalidRequest('input must be a string or an array', 'input');
    }
    if (depth !== ITEMS_DEPTH || this.member !== 'input') return;
    this.type = undefined;
    this.hasId = this.hasRole = this.hasContent = false;
  }

  close(_bytes: Buffer, _end: number, isObject: boolean, depth: number): void {
    if (depth !== ITEMS_DEPTH || this.member !== 'input' || !isObject) return;
    // An item without a type is a message or, for readers that go by the fields, a reference to a stored item.
    const isMessage = this.hasRole && this.hasContent && !this.hasId;
    if (this.type === undefined && !isMessage) throw storedItem();
  }

  private checkMember(name: StoredName, bytes: Buffer, start: number): void {
    if (name === 'input' || isNullAt(bytes, start)) return;
    if (name !== 'background') throw notFound('Stored responses and conversations are not offered', name);
    if (!isFalseAt(bytes, start)) throw invalidRequest('Responses in the background are not offered', 'background');
  }

  private takeType(bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_TYPE_BYTES) throw invalidRequest('input has an item of an unknown type', 'input');
    const type = JSON.parse(bytes.toString('utf8', start, end)) as string;
    if (this.type !== undefined) throw invalidRequest('input has an item whose type is named twice', 'input');
    if (type.normalize('NFKC').trim().toLowerCase() === REFERENCE) throw storedItem();
    this.type = type;
  }
}
