import type { Demand } from './demand.js';
import type { Admission, Reservation } from './reservation.js';
import type { TierLimit } from './tier-limit.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request may come to; set by who knows the model, and lowered to what a strict tier grants. */
    demand?: Demand;
    /** The limits of the caller's tier; set by who resolved it. */
    limits?: TierLimit[];
    /** The one decision over all limits; each guard answers for its own units. */
    admission?: Admission;
    /** What an admitted request holds until it is settled. */
    reservation?: Reservation;
  }
}
