import { createHash } from 'node:crypto';
import type { DemoIdentity } from './demo-identities.js';
import { type Identity, IdentityProvider } from './identity-provider.js';

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

/** Vouches for the demo users. Looks up digests, so that the time a look-up takes tells nothing about a token. */
export class DemoIdentityProvider extends IdentityProvider {
  private readonly byDigest: Map<string, Identity>;

  constructor(identities: DemoIdentity[]) {
    super();
    this.byDigest = new Map(
      identities.map(({ username, groups, token }) => [digest(token), { subject: username, username, groups }]),
    );
  }

  identify(token: string): Promise<Identity | undefined> {
    return Promise.resolve(this.byDigest.get(digest(token)));
  }
}
