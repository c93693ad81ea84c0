import { z } from 'zod';
import { contradictionIn } from './contradiction.js';
import { parseEncryptionKeys } from './encryption-key.js';
import { corsOrigins, duration, integer, optionalInteger, port, trustedProxies, urlOf } from './variable.schemas.js';

// The one schema of the environment. Each variable says what is allowed in words, because the line that
// stops a start repeats them.

const DAY_MS = 86_400_000;

const environmentSchema = z.object({
  HOST: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\s/]+$/)
    .default('127.0.0.1')
    .describe('a host name or an IP address'),
  PORT: port(8080),
  METRICS_HOST: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\s/]+$/)
    .default('127.0.0.1')
    .describe('a host name or an IP address'),
  METRICS_PORT: port(9090),
  DATABASE_URL: urlOf('postgres:', 'postgresql:').optional().describe('a postgres:// URL'),
  REDIS_URL: urlOf('redis:', 'rediss:', 'redis+cluster:', 'rediss+cluster:')
    .optional()
    .describe('a redis://, rediss://, redis+cluster:// or rediss+cluster:// URL'),
  QUOTA_FALLBACK: z.enum(['local', 'closed', 'open']).default('local').describe('local, closed or open'),
  MAAS_DATA_DIR: z.string().min(1).default('./.data').describe('a folder'),
  MAAS_TOKEN_DEFAULT_TTL: duration('4h', 1000, 365 * DAY_MS).describe('a duration from 1s to 365d, such as 4h'),
  MAAS_TOKEN_MAX_TTL: duration('24h', 1000, 365 * DAY_MS).describe('a duration from 1s to 365d, such as 24h'),
  MAAS_TOKEN_ISSUER: z.string().min(1).max(255).default('maas-gateway').describe('the issuer that tokens name'),
  MAAS_TOKEN_AUDIENCE: z.string().min(1).max(255).default('maas-gateway').describe('the audience that tokens name'),
  MAAS_MINTS_PER_MINUTE: integer(600, 1, 1_000_000).describe('token requests per minute and subject, 1 to 1000000'),
  MAAS_CREDENTIAL_FAILURES_PER_MINUTE: integer(600, 1, 1_000_000).describe(
    'refused credentials per minute and client address, 1 to 1000000',
  ),
  MAAS_TRUSTED_PROXIES: trustedProxies().describe(
    'IP addresses and CIDRs, comma-separated, such as 10.0.0.0/8,fd00::/8',
  ),
  MAAS_MAX_CONNECTIONS: optionalInteger(1, 1_000_000).describe('connections from 1 to 1000000'),
  MAAS_MAX_CONNECTIONS_PER_ADDRESS: integer(6000, 1, 1_000_000).describe('connections from 1 to 1000000'),
  MAAS_CORS_ORIGINS: corsOrigins().describe('* or origins, comma-separated, such as https://chat.example.com'),
  MAAS_ADMIN_GROUPS: z
    .string()
    .default('maas-admins')
    .transform(text =>
      text
        .split(',')
        .map(group => group.trim())
        .filter(group => group !== ''),
    )
    .pipe(z.array(z.string()).min(1))
    .describe('group names, comma-separated'),
  MAAS_ENCRYPTION_KEY: z
    .string()
    .transform((text, context) => {
      const keys = parseEncryptionKeys(text);
      if (keys !== undefined) return keys;
      context.addIssue({ code: 'custom', message: 'no key' });
      return z.NEVER;
    })
    .optional()
    .describe('keys of 32 bytes in hex or base64, comma-separated; the first seals'),
  MAAS_ALLOW_LINK_LOCAL_UPSTREAMS: z
    .enum(['true', 'false'])
    .default('false')
    .transform(text => text === 'true')
    .describe('true or false'),
  MAAS_DEMO_IDENTITIES: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('auto (on a loopback listener), always or never'),
  MAAS_MAX_BODY_BYTES: integer(32 * 1024 * 1024, 1024, 1024 ** 3).describe('bytes from 1024 to 1073741824'),
  MAAS_MAX_CONTROL_BODY_BYTES: integer(256 * 1024, 1024, 16 * 1024 ** 2).describe('bytes from 1024 to 16777216'),
  MAAS_MAX_INFLIGHT_BYTES: optionalInteger(1024, 1024 ** 4).describe('bytes from 1024 to 1099511627776'),
  MAAS_MIN_BODY_RATE: integer(1024, 0, 1024 ** 3).describe('bytes per second from 0 to 1073741824; 0 for any rate'),
  MAAS_CLIENT_STALL_TIMEOUT: duration('60s', 0, DAY_MS).describe('a duration from 0s to 24h; 0 for no limit'),
  MAAS_PLAIN_HTTP: z.enum(['on', 'off']).default('on').describe('on or off'),
  MAAS_MAX_UPLOAD_BYTES: integer(1024 ** 3, 1024, 1024 ** 4).describe('bytes from 1024 to 1099511627776'),
  LEDGER_JOURNAL_MAX_BYTES: integer(1024 ** 3, 4 * 1024 ** 2, 1024 ** 4).describe(
    'bytes from 4194304 to 1099511627776',
  ),
  LEDGER_SYNC_MS: integer(50, 1, 60_000).describe('milliseconds from 1 to 60000'),
  MAAS_SIMULATOR_URL: urlOf('http:', 'https:').optional().describe('an http(s) URL of a running simulator'),
  PUBLIC_GATEWAY_URL: urlOf('http:', 'https:').optional().describe('an http(s) URL'),
  UPSTREAM_CONNECT_TIMEOUT: duration('5s', 10, DAY_MS).describe('a duration from 10ms to 24h'),
  UPSTREAM_FIRST_BYTE_TIMEOUT: duration('5m', 10, DAY_MS).describe('a duration from 10ms to 24h'),
  UPSTREAM_IDLE_TIMEOUT: duration('1m', 10, DAY_MS).describe('a duration from 10ms to 24h'),
  UPSTREAM_CHECK_INTERVAL: duration('10s', 100, DAY_MS).describe('a duration from 100ms to 24h'),
  DRAIN_TIMEOUT: duration('30s', 0, DAY_MS).describe('a duration from 0s to 24h'),
  LEDGER_RETENTION: duration('400d', 0, 36_500 * DAY_MS)
    .refine(ms => ms === 0 || ms >= 31 * DAY_MS)
    .describe('a duration from 31d to 36500d, such as 400d; 0 keeps entries for ever'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent'),
});

export type Environment = z.output<typeof environmentSchema>;

/** Holds secrets: its value is never repeated in a message. */
const SECRET = new Set<string>(['DATABASE_URL', 'REDIS_URL', 'MAAS_ENCRYPTION_KEY']);

/** The start cannot go on because of something outside the program; its message is the one line to print. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/**
 * Reads the environment.
 * @throws StartupError with one line that names the variable, what it held (never a secret) and what is allowed
 */
export function parseEnvironment(variables: Record<string, string | undefined>): Environment {
  // An empty variable is an unset one, as compose files write it.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    const held = SECRET.has(name) ? 'what it holds (not shown)' : JSON.stringify(set[name]);
    const allowed = environmentSchema.shape[name as keyof Environment].description;
    throw new StartupError(`${name}: ${held} is not allowed; allowed is ${allowed}`);
  }
  const { MAAS_TOKEN_DEFAULT_TTL, ...given } = parsed.data;
  // Whoever shortens the longest lifetime alone means the usual one too.
  const defaultTtlMs =
    set['MAAS_TOKEN_DEFAULT_TTL'] === undefined
      ? Math.min(MAAS_TOKEN_DEFAULT_TTL, given.MAAS_TOKEN_MAX_TTL)
      : MAAS_TOKEN_DEFAULT_TTL;
  const environment = { ...given, MAAS_TOKEN_DEFAULT_TTL: defaultTtlMs };
  const contradiction = contradictionIn(environment, set);
  if (contradiction !== undefined) throw new StartupError(contradiction);
  return environment;
}
