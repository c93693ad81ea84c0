import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { type NewSigningKey, SigningKeyStore, type StoredSigningKey } from './signing-key.store.js';

interface VerifyingKey {
  kid: string;
  /** Absent where the private key was sealed with an encryption key that this process does not have. */
  privatePem: string | undefined;
  publicPem: string;
  publicJwk: JsonWebKey;
}

type SigningKey = VerifyingKey & { privatePem: string };

/** Shortest interval between two queries for keys that tokens with an unknown key id cause. */
const LOOK_AGAIN_MS = 1000;

/** RFC 7638: the digest of the members that define the key. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function generate(): NewSigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = publicKey.export({ format: 'jwk' });
  return { kid: thumbprint(publicJwk), privateJwk: privateKey.export({ format: 'jwk' }), publicJwk };
}

const privatePemOf = (key: JsonWebKey): string =>
  createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();

const toVerifyingKey = ({ kid, privateJwk, publicJwk }: StoredSigningKey): VerifyingKey => ({
  kid,
  publicJwk,
  privatePem: privateJwk && privatePemOf(privateJwk),
  publicPem: createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(),
});

/** The keys that sign and verify access tokens (ES256), shared by all replicas through the database. */
@Injectable()
export class SigningKeys implements OnApplicationBootstrap {
  private readonly logger = new Logger(SigningKeys.name);
  private keys = new Map<string, VerifyingKey>();
  private lookedAt = 0;

  constructor(private readonly store: SigningKeyStore) {}

  /**
   * Runs after every module's `onModuleInit`, because a start with a wrong MAAS_ENCRYPTION_KEY is refused there and must
   * not have added a key before.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.store.sealAll();
    await this.load();
    if (this.newest !== undefined) return;
    const sealedElsewhere = [...this.keys.keys()];
    await this.store.add(generate());
    await this.load();
    if (sealedElsewhere.length > 0) {
      this.logger.warn(
        `made a new signing key ${this.signing.kid}: the private keys in the database were sealed with another ` +
          `MAAS_ENCRYPTION_KEY (${sealedElsewhere.join(', ')}); the tokens that they signed remain valid`,
      );
    }
  }

  get signing(): SigningKey {
    const key = this.newest;
    if (key === undefined) throw new Error('there is no signing key');
    return key;
  }

  /** The public key as PEM; looks again for a key that another replica may have just made. */
  async publicPem(kid: string): Promise<string | undefined> {
    if (!this.keys.has(kid) && Date.now() - this.lookedAt > LOOK_AGAIN_MS) await this.load();
    return this.keys.get(kid)?.publicPem;
  }

  /** The JSON Web Key Set (RFC 7517). */
  jwks(): { keys: JsonWebKey[] } {
    return { keys: [...this.keys.values()].map(key => ({ ...key.publicJwk, kid: key.kid, use: 'sig', alg: 'ES256' })) };
  }

  private get newest(): SigningKey | undefined {
    return [...this.keys.values()].find((key): key is SigningKey => key.privatePem !== undefined);
  }

  private async load(): Promise<void> {
    this.lookedAt = Date.now();
    const stored = (await this.store.current()).map(toVerifyingKey);
    // A replica with another encryption key may have sealed a key that this process read in clear, and still signs with.
    this.keys = new Map(
      stored.map(key => [key.kid, { ...key, privatePem: key.privatePem ?? this.keys.get(key.kid)?.privatePem }]),
    );
  }
}
