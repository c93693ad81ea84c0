import { z } from 'zod';
import { CREDENTIALS, HOP_BY_HOP } from '../platform/headers/index.js';

/** RFC 9110 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 5.5: visible characters, with blanks and tabs between them. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
/** What is the connection's own (RFC 9110 7.6.1), set by the gateway, or a credential, which is told by nothing here. */
const FORBIDDEN = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIALS,
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
  'x-request-id',
  'expect',
]);
const MAX_HEADERS = 64;

function issueOf(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return 'is no name of a header';
  if (CREDENTIALS.includes(name.toLowerCase())) return 'may not be set; a credential is given as apiKey';
  if (FORBIDDEN.has(name.toLowerCase())) return 'may not be set';
  return VALUE.test(value) ? undefined : 'holds characters that no header may';
}

/** Headers of an upstream's own. Names come out in lower case, so that they meet those that the gateway sets. */
export const upstreamHeadersSchema = z
  .record(z.string().max(255), z.string().max(8192))
  .superRefine((headers, context) => {
    const entries = Object.entries(headers);
    for (const [name, value] of entries) {
      const message = issueOf(name, value);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    }
    if (entries.length > MAX_HEADERS) context.addIssue({ code: 'custom', message: `are more than ${MAX_HEADERS}` });
    if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length)
      context.addIssue({ code: 'custom', message: 'name a header twice' });
  })
  .describe('Sent with each request to this upstream, and told to every administrator');

export const lowerCaseNames = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
