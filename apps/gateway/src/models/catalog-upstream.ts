import { createHash } from 'node:crypto';
import type { Environment } from '../platform/config/index.js';
import type { CatalogUpstream, UpstreamConnection } from './catalog-model.js';
import type { StoredUpstream } from './stored-model.js';

/** A stored upstream with what only this process knows: where the simulator listens, and the opened credentials. */
export interface OpenedUpstream extends StoredUpstream {
  apiKey: string | null;
  tlsKey: string | null;
}

type Timeouts = Pick<Environment, 'UPSTREAM_CONNECT_TIMEOUT' | 'UPSTREAM_FIRST_BYTE_TIMEOUT' | 'UPSTREAM_IDLE_TIMEOUT'>;

function connectionOf(upstream: OpenedUpstream, defaults: Timeouts): UpstreamConnection | null {
  const { connectTimeoutMs, tlsCa, tlsCertificate, tlsKey, tlsServerName } = upstream;
  if ([connectTimeoutMs, tlsCa, tlsCertificate, tlsServerName].every(field => field === null)) return null;
  const connection = {
    connectTimeoutMs: connectTimeoutMs ?? defaults.UPSTREAM_CONNECT_TIMEOUT,
    ...(tlsCa !== null && { ca: tlsCa }),
    ...(tlsCertificate !== null && { cert: tlsCertificate }),
    ...(tlsKey !== null && { certKey: tlsKey }),
    ...(tlsServerName !== null && { servername: tlsServerName }),
  };
  return { ...connection, key: createHash('sha256').update(JSON.stringify(connection)).digest('base64') };
}

/** The credential wins over a header of the same name. */
const headersOf = ({ headers, apiKey, apiKeyHeader }: OpenedUpstream): Record<string, string> =>
  apiKey === null
    ? headers
    : { ...headers, [apiKeyHeader]: apiKeyHeader === 'authorization' ? `Bearer ${apiKey}` : apiKey };

/** All that a request needs of its upstream, put together once. */
export function catalogUpstreamOf(modelId: string, upstream: OpenedUpstream, defaults: Timeouts): CatalogUpstream {
  const { origin, pathname, search } = new URL(upstream.url);
  return {
    id: upstream.id,
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    query: search,
    model: upstream.model ?? modelId,
    weight: upstream.weight,
    priority: upstream.priority,
    headers: headersOf(upstream),
    features: upstream.features,
    endpoints: upstream.endpoints,
    healthPath: upstream.healthPath,
    firstByteTimeoutMs: upstream.firstByteTimeoutMs ?? defaults.UPSTREAM_FIRST_BYTE_TIMEOUT,
    idleTimeoutMs: upstream.idleTimeoutMs ?? defaults.UPSTREAM_IDLE_TIMEOUT,
    connection: connectionOf(upstream, defaults),
  };
}
