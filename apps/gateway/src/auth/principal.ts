import type { FastifyRequest } from 'fastify';

/** Who is calling: what the identity provider told at the last exchange, and what an administrator decided since. */
export interface Principal {
  subject: string;
  username: string;
  groups: readonly string[];
  /** The tier that an administrator set above what the groups say. */
  tierOverride: string | null;
  blocked: boolean;
}

/** What the caller identified with. */
interface Credential {
  type: 'identity' | 'token' | 'api_key';
  /** The token's `jti`, the key's public id; an identity token has none that may be shown. */
  id: string | null;
  /** Milliseconds since the epoch; unknown for an identity token. */
  expiresAtMs: number | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guards of auth; absent before them. */
    principal?: Principal;
    credential?: Credential;
  }
}

/** The caller. @throws Error where the route has no guard of auth, which is a fault of ours */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error('the route has no guard that tells who is calling');
  return request.principal;
}
