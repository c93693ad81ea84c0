export interface Identity {
  /** Stable and unique; what the ledger and the limits go by. */
  subject: string;
  username: string;
  groups: string[];
}

/** Knows the organisation's identity tokens. Demo users today; OIDC issuers and TokenReview implement the same. */
export abstract class IdentityProvider {
  /** @returns who the token stands for, or `undefined` where this provider does not vouch for it */
  abstract identify(token: string): Promise<Identity | undefined>;
}

/** Vouches for nobody: there is no identity provider, and the demo's identities may not be used. */
export class NoIdentityProvider extends IdentityProvider {
  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
