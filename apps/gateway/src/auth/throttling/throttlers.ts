import { ThrottlerModule, type ThrottlerOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { clientAddressOf, networkOf } from '../../platform/addresses/index.js';
import { ENVIRONMENT, type Environment } from '../../platform/config/index.js';
import { principalOf } from '../principal.js';
import { CountsThrottlerStorage } from './counts.throttler-storage.js';

const MINUTE_MS = 60_000;

export type ThrottlerName = 'credential-failures' | 'mints';

const throttlersOf = ({
  MAAS_CREDENTIAL_FAILURES_PER_MINUTE,
  MAAS_MINTS_PER_MINUTE,
  MAAS_TRUSTED_PROXIES,
}: Environment): (ThrottlerOptions & { name: ThrottlerName })[] => [
  {
    name: 'credential-failures',
    ttl: MINUTE_MS,
    limit: MAAS_CREDENTIAL_FAILURES_PER_MINUTE,
    getTracker: request => {
      const { raw, headers } = request as FastifyRequest;
      const address = clientAddressOf(raw.socket.remoteAddress, headers, MAAS_TRUSTED_PROXIES);
      // Clients that are gone already share one count.
      return address === undefined ? 'unknown' : networkOf(address);
    },
  },
  {
    name: 'mints',
    ttl: MINUTE_MS,
    limit: MAAS_MINTS_PER_MINUTE,
    getTracker: request => principalOf(request as FastifyRequest).subject,
  },
];

/** The throttlers of the control plane, one for each purpose, each applied by a guard of its own. */
export const ControlPlaneThrottlers = ThrottlerModule.forRootAsync({
  inject: [ENVIRONMENT],
  useFactory: (environment: Environment) => ({
    throttlers: throttlersOf(environment),
    storage: new CountsThrottlerStorage(),
    // A count is of all routes together; the storage keeps throttlers apart by their names.
    generateKey: (_context, tracker) => tracker,
    // X-RateLimit-* tells of the tier's limits, and of nothing else.
    setHeaders: false,
  }),
});
