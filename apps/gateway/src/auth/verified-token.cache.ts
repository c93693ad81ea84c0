export interface VerifiedToken {
  jti: string;
  subject: string;
  expiresAtMs: number;
}

/** The end of a signature tells tokens apart as well as all of it, and is found faster. */
const TAIL_CHARACTERS = 32;
const tailOf = (credential: string): string => credential.slice(-TAIL_CHARACTERS);

interface Kept {
  readonly credential: string;
  readonly verified: VerifiedToken;
}

/**
 * Tokens whose signature was found good, by the credential as it was sent: checking it costs more than all else that
 * admission does. It spares that check alone; expiry and revocation are looked at on every request.
 */
export class VerifiedTokenCache {
  private readonly byTail = new Map<string, Kept>();

  constructor(private readonly maxEntries: number) {}

  get(credential: string): VerifiedToken | undefined {
    const kept = this.byTail.get(tailOf(credential));
    return kept?.credential === credential ? kept.verified : undefined;
  }

  set(sent: string, verified: VerifiedToken): void {
    // A copy, because a text that was cut out of a request keeps all of it alive.
    const credential = Buffer.from(sent, 'latin1').toString('latin1');
    const tail = tailOf(credential);
    if (this.byTail.size >= this.maxEntries && !this.byTail.has(tail)) {
      const [oldest] = this.byTail.keys();
      if (oldest !== undefined) this.byTail.delete(oldest);
    }
    this.byTail.set(tail, { credential, verified });
  }

  /** Forgets the tokens that have expired by `nowMs`. */
  prune(nowMs: number): void {
    for (const [tail, { verified }] of this.byTail) if (verified.expiresAtMs <= nowMs) this.byTail.delete(tail);
  }
}
