import { z } from 'zod';
import { HOP_BY_HOP } from '../platform/headers/index.js';
import { SIMULATOR_SCHEME } from './catalog.service.js';
import type { NewUpstream, StoredUpstream } from './stored-model.js';

/** RFC 9110 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 5.5: visible characters, blanks and tabs. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What is the connection's own (RFC 9110 7.6.1), or set by the gateway. */
const FORBIDDEN = new Set([
  ...HOP_BY_HOP,
  'authorization',
  'host',
  'content-length',
  'content-type',
  'accept-encoding',
  'x-request-id',
  'expect',
]);

function isUpstreamUrl(text: string): boolean {
  if (text === SIMULATOR_SCHEME) return true;
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (
    (protocol === 'http:' || protocol === 'https:') && [username, password, search, hash].every(part => part === '')
  );
}

const headersSchema = z
  .record(z.string().max(255), z.string().max(8192))
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (!TOKEN.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'is no name of a header' });
      else if (FORBIDDEN.has(name.toLowerCase()))
        context.addIssue({ code: 'custom', path: [name], message: 'may not be set' });
      else if (!VALUE.test(value))
        context.addIssue({ code: 'custom', path: [name], message: 'holds characters that no header may' });
    }
  })
  .describe('Sent with each request to this upstream');

const url = z
  .string()
  .max(2048)
  .refine(isUpstreamUrl, 'must be an http(s) URL without credentials and query, or simulator:')
  .describe('Base URL that ends before /chat/completions; `simulator:` means the bundled simulator');
const fields = {
  model: z.string().min(1).max(255).describe("The model's name there"),
  weight: z.int().min(0).max(1_000_000),
  priority: z.int().min(0).max(1_000_000),
  headers: headersSchema,
  features: z.array(z.string().min(1).max(64)).max(32),
};
const apiKey = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
  .nullable()
  .describe('Write-only: kept encrypted and never told; null takes it away');

const example = {
  url: 'http://vllm:8000/v1',
  model: 'Qwen/Qwen3-8B',
  weight: 1,
  priority: 0,
  headers: {},
  features: ['include_usage', 'continuous_usage_stats'],
};

export const upstreamSchema = z
  .strictObject({ id: z.uuid(), url, ...fields, hasApiKey: z.boolean().describe('Whether a key is kept') })
  .meta({ example: { id: '019abf6e-0000-7000-8000-000000000001', ...example, hasApiKey: true } });
export type UpstreamOnTheWire = z.output<typeof upstreamSchema>;

export const upstreamChangeSchema = z
  .strictObject({ url, ...fields, model: fields.model.nullable(), apiKey })
  .partial()
  .meta({ example: { weight: 2 } });
export const newUpstreamSchema = z
  .strictObject({ ...upstreamChangeSchema.shape, url })
  .meta({ example: { ...example, apiKey: 'write-only' } });

/** Header names in lower case, so that they meet those that the gateway sets. */
export const upstreamFromTheWire = <T extends Partial<NewUpstream>>(upstream: T): T =>
  upstream.headers === undefined
    ? upstream
    : {
        ...upstream,
        headers: Object.fromEntries(
          Object.entries(upstream.headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
      };

/** Without the key: what is written once is never told again. */
export const upstreamOnTheWire = (
  modelId: string,
  { id, url: base, model, weight, priority, headers, features, sealedApiKey }: StoredUpstream,
): UpstreamOnTheWire => ({
  id,
  url: base,
  model: model ?? modelId,
  weight,
  priority,
  headers,
  features,
  hasApiKey: sealedApiKey !== null,
});
