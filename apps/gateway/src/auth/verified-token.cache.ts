export interface VerifiedToken {
  jti: string;
  subject: string;
  expiresAtMs: number;
}

/**
 * Tokens whose signature was found good: checking it costs more than all else that admission does. It spares that check
 * alone; expiry and revocation are looked at on every request.
 */
export class VerifiedTokenCache {
  private readonly tokens = new Map<string, VerifiedToken>();

  constructor(private readonly maxEntries: number) {}

  get(token: string): VerifiedToken | undefined {
    return this.tokens.get(token);
  }

  set(token: string, verified: VerifiedToken): void {
    if (this.tokens.size >= this.maxEntries && !this.tokens.has(token)) {
      const [oldest] = this.tokens.keys();
      if (oldest !== undefined) this.tokens.delete(oldest);
    }
    this.tokens.set(token, verified);
  }

  /** Forgets the tokens that have expired by `nowMs`. */
  prune(nowMs: number): void {
    for (const [token, { expiresAtMs }] of this.tokens) if (expiresAtMs <= nowMs) this.tokens.delete(token);
  }
}
