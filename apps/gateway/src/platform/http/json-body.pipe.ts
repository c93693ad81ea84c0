import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { invalidJson, invalidRequest } from '../errors/index.js';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
  /** Zod's own: the fields that the schema does not know. */
  keys?: string[];
}

const pathOf = (issue: Issue): string =>
  (issue.path ?? []).map(segment => String(typeof segment === 'object' ? segment.key : segment)).join('.');

const describe = (issue: Issue): { message: string; param?: string } => {
  const path = pathOf(issue);
  if (issue.keys !== undefined) {
    const names = issue.keys.map(key => (path === '' ? key : `${path}.${key}`));
    return { message: `Unknown field${names.length > 1 ? 's' : ''}: ${names.join(', ')}`, param: names[0] };
  }
  return path === '' ? { message: issue.message } : { message: `${path}: ${issue.message}`, param: path };
};

/** Parses what arrived as bytes. An empty body is no body. */
function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    // A fatal decoder, because a lenient one would quietly change what the caller wrote.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw invalidJson();
  }
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
    const given = metadata.type === 'body' && Buffer.isBuffer(value) ? parseJson(value) : value;
    const result = await schema['~standard'].validate(given);
    if (result.issues === undefined) return result.value;
    if (metadata.type === 'body' && given === undefined) throw invalidRequest('A JSON body is required');
    const { message, param } = describe(result.issues[0] as Issue);
    throw invalidRequest(message, param);
  }
}
