import { Injectable, type OnModuleInit } from '@nestjs/common';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { SigningKeyStore, type StoredSigningKey } from './signing-key.store.js';

interface SigningKey {
  kid: string;
  privatePem: string;
  publicPem: string;
  publicJwk: JsonWebKey;
}

/** How often a token that names an unknown key may make us look for new keys. */
const LOOK_AGAIN_MS = 1000;

/** RFC 7638: the digest of the members that define the key. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function generate(): StoredSigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = publicKey.export({ format: 'jwk' });
  return { kid: thumbprint(publicJwk), privateJwk: privateKey.export({ format: 'jwk' }), publicJwk };
}

const toSigningKey = ({ kid, privateJwk, publicJwk }: StoredSigningKey): SigningKey => ({
  kid,
  publicJwk,
  privatePem: createPrivateKey({ key: privateJwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicPem: createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(),
});

/** The keys that sign and verify access tokens (ES256), shared by all replicas through the database. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  private keys = new Map<string, SigningKey>();
  private lookedAt = 0;

  constructor(private readonly store: SigningKeyStore) {}

  async onModuleInit(): Promise<void> {
    await this.load();
    if (this.keys.size === 0) {
      await this.store.add(generate());
      await this.load();
    }
  }

  get signing(): SigningKey {
    const [first] = this.keys.values();
    if (first === undefined) throw new Error('there is no signing key');
    return first;
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

  private async load(): Promise<void> {
    this.lookedAt = Date.now();
    this.keys = new Map((await this.store.current()).map(key => [key.kid, toSigningKey(key)]));
  }
}
