import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { isUtf8 } from 'node:buffer';
import { invalidJson, invalidRequest } from '../errors/index.js';
import { type JsonVisitor, walkJson } from '../json/index.js';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
  /** Zod's own: the fields that the schema does not know. */
  keys?: string[];
}

const pathOf = (issue: Issue): string =>
  (issue.path ?? []).map(segment => String(typeof segment === 'object' ? segment.key : segment)).join('.');

const MAX_NAMED_FIELDS = 10;

function unknownFields(names: readonly string[]): string {
  const named = names.slice(0, MAX_NAMED_FIELDS).map(name => shortened(name));
  const more = names.length - named.length;
  return `Unknown field${names.length > 1 ? 's' : ''}: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MAX_NAME_CHARACTERS = 64;
const shortened = (name: string): string =>
  name.length > MAX_NAME_CHARACTERS ? `${name.slice(0, MAX_NAME_CHARACTERS)}…` : name;

const describe = (issue: Issue): { message: string; param?: string } => {
  const path = pathOf(issue);
  if (issue.keys !== undefined) {
    const names = issue.keys.map(key => (path === '' ? key : `${path}.${key}`));
    return { message: unknownFields(names), param: shortened(names[0] ?? '') };
  }
  return path === '' ? { message: issue.message } : { message: `${path}: ${issue.message}`, param: path };
};

/** More than any request of the control plane has; a group list of 5,000 entries is one of the longest. */
const MAX_VALUES = 10_000;

/**
 * Refuses a JSON text with too many values before it becomes objects: those take many times the memory of the text, and
 * their validation holds the event loop.
 */
class ValueCounter implements JsonVisitor {
  private values = 0;

  key(): void {
    // Its value counts.
  }

  scalar(): void {
    if (++this.values > MAX_VALUES) throw invalidRequest(`The body has more than ${MAX_VALUES} values`);
  }

  open(): void {
    this.scalar();
  }

  close(): void {
    // Its opening has been counted.
  }
}

/** Parses the bytes of a body. An empty body is no body. */
async function parseJson(bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  // Not a lenient decoder, which would quietly change what the caller wrote.
  if (!isUtf8(bytes) || !(await walkJson(bytes, new ValueCounter()))) throw invalidJson();
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

/**
 * Turns the bytes of a body into JSON and holds body, query and path against the schema that the handler names.
 * It runs after the guards, so that a stranger learns nothing from what is wrong with a body.
 */
@Injectable()
export class JsonBodyPipe implements PipeTransform {
  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { schema } = metadata;
    if (schema === undefined) return value;
    const given = metadata.type === 'body' && Buffer.isBuffer(value) ? await parseJson(value) : value;
    const result = await schema['~standard'].validate(given);
    if (result.issues === undefined) return result.value;
    if (metadata.type === 'body' && given === undefined) throw invalidRequest('A JSON body is required');
    const { message, param } = describe(result.issues[0] as Issue);
    throw invalidRequest(message, param);
  }
}
