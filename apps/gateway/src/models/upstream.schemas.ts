import { z } from 'zod';
import { KEY_HEADERS } from '../platform/headers/index.js';
import { SIMULATOR_SCHEME } from './catalog.service.js';
import { ENDPOINTS } from './endpoint.js';
import type { StoredUpstream, UpstreamChange } from './stored-model.js';
import { lowerCaseNames, upstreamHeadersSchema } from './upstream-headers.schema.js';
import {
  timeoutsChangeSchema,
  timeoutsFromTheWire,
  timeoutsOnTheWire,
  timeoutsSchema,
} from './upstream-timeouts.schema.js';
import { tlsChangeSchema, tlsFromTheWire, tlsOnTheWire, tlsSchema } from './upstream-tls.schema.js';

/** What an upstream may understand, as the path after its base URL. */
const PATHS = ENDPOINTS.map(({ path }) => path);
const FEATURES = ['include_usage', 'continuous_usage_stats'] as const;

function isUpstreamUrl(text: string): boolean {
  if (text === SIMULATOR_SCHEME) return true;
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username + password === '' && !text.includes('#');
}

const url = z
  .string()
  .max(2048)
  .refine(isUpstreamUrl, 'must be an http(s) URL without credentials and fragment, or simulator:')
  .describe(
    'Base URL that ends before /chat/completions; a query is sent along; `simulator:` is the bundled simulator',
  );
const fields = {
  model: z.string().min(1).max(255).describe("The model's name there"),
  weight: z.int().min(0).max(1_000_000).describe('Its share beside others of its priority; 0 takes nothing'),
  priority: z.int().min(0).max(1_000_000).describe('Lower is asked first'),
  draining: z.boolean().describe('Takes no new requests'),
  apiKeyHeader: z.enum(KEY_HEADERS).describe('Where the key is sent; as `Bearer` in authorization, else as it is'),
  headers: upstreamHeadersSchema,
  features: z.array(z.enum(FEATURES)).max(FEATURES.length),
  endpoints: z
    .array(z.enum(PATHS))
    .max(PATHS.length)
    .describe("Those that it understands; empty: all that the model's capabilities name"),
  healthPath: z
    .string()
    .max(1024)
    .regex(/^\/[\w\-.~%!$&'()*+,;=:@/]*$/, 'must be a path such as /health')
    .nullable()
    .describe(
      "What to ask while it is idle or not well, from the root of the URL's host: 5xx is not well, 2xx may be tried " +
        'again. `/models` after the base URL where absent; null: its health is known from its answers alone',
    ),
};
const apiKey = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
  .nullable()
  .describe('Write-only: kept encrypted and never told; null takes it away');

const newExample = {
  url: 'http://vllm:8000/v1',
  model: 'Qwen/Qwen3-8B',
  weight: 1,
  priority: 0,
  headers: {},
  features: ['include_usage', 'continuous_usage_stats'],
};
const example = {
  id: '019abf6e-0000-7000-8000-000000000001',
  ...newExample,
  draining: false,
  hasApiKey: true,
  apiKeyHeader: 'authorization',
  endpoints: ['chat/completions', 'completions'],
  healthPath: '/health',
  timeouts: { connect: '1s', firstByte: null, idle: null },
  tls: null,
};

export const upstreamSchema = z
  .strictObject({
    id: z.uuid(),
    url: z.string(),
    ...fields,
    apiKeyHeader: z.string(),
    features: z.array(z.string()),
    endpoints: z.array(z.string()),
    hasApiKey: z.boolean().describe('Whether a key is kept'),
    timeouts: timeoutsSchema,
    tls: tlsSchema,
  })
  .meta({ example });
export type UpstreamOnTheWire = z.output<typeof upstreamSchema>;

export const upstreamChangeSchema = z
  .strictObject({
    url,
    ...fields,
    model: fields.model.nullable(),
    apiKey,
    timeouts: timeoutsChangeSchema,
    tls: tlsChangeSchema,
  })
  .partial()
  .meta({ example: { weight: 2 } });
export const newUpstreamSchema = z
  .strictObject({ ...upstreamChangeSchema.shape, url })
  .meta({ example: { ...newExample, apiKey: 'write-only' } });

/** The given fields as the store takes them. */
export const upstreamFromTheWire = <T extends z.output<typeof upstreamChangeSchema>>({
  timeouts,
  tls,
  headers,
  ...rest
}: T): UpstreamChange & Omit<T, 'timeouts' | 'tls' | 'headers'> => ({
  ...rest,
  ...(headers && { headers: lowerCaseNames(headers) }),
  ...timeoutsFromTheWire(timeouts),
  ...tlsFromTheWire(tls),
});

/** Most kinds of servers tell their models here, whatever else they tell. */
const healthPathOf = (url: string): string =>
  url === SIMULATOR_SCHEME ? '/health' : `${new URL(url).pathname.replace(/\/+$/, '')}/models`;

/** As `upstreamFromTheWire`, with what is not given. */
export const newUpstreamFromTheWire = <T extends z.output<typeof newUpstreamSchema>>(given: T) => ({
  healthPath: healthPathOf(given.url),
  ...upstreamFromTheWire(given),
});

/** Without the keys: what is written once is never told again. */
export const upstreamOnTheWire = (modelId: string, upstream: StoredUpstream): UpstreamOnTheWire => ({
  id: upstream.id,
  url: upstream.url,
  model: upstream.model ?? modelId,
  weight: upstream.weight,
  priority: upstream.priority,
  draining: upstream.draining,
  hasApiKey: upstream.sealedApiKey !== null,
  apiKeyHeader: upstream.apiKeyHeader,
  headers: upstream.headers,
  features: upstream.features,
  endpoints: upstream.endpoints,
  healthPath: upstream.healthPath,
  timeouts: timeoutsOnTheWire(upstream),
  tls: tlsOnTheWire(upstream),
});
