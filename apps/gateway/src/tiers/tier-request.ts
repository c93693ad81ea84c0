import type { Tier } from './tier.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's tier at this request; set by who checks the access to the model. */
    tier?: Tier;
  }
}
