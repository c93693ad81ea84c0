import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { validate as isUuid } from 'uuid';
import { ENVIRONMENT, type Environment, formatDuration } from '../platform/config/index.js';
import { invalidCredential, notFound } from '../platform/errors/index.js';
import { ChangeFeed } from '../platform/events/index.js';
import { uuidV7 } from '../platform/identifiers/index.js';
import { AccessTokenStore, type IssuedToken } from './access-token.store.js';
import type { Principal } from './principal.js';
import { RevocationList } from './revocation-list.service.js';
import { SigningKeys } from './signing-keys.service.js';
import { isStorable } from './storable-text.js';
import { lifetimeMs } from './token-lifetime.js';
import { TokenUseRecorder } from './token-use.recorder.js';
import type { VerifiedToken } from './verified-token.cache.js';

export interface MintedToken {
  token: string;
  /** A Go duration. */
  expiration: string;
  /** Unix seconds. */
  expiresAt: number;
  /** Unix seconds. */
  issuedAt: number;
  jti: string;
  name?: string;
}

/** The life of access tokens: issue, list, revoke, and whether one is still good. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
    private readonly store: AccessTokenStore,
    private readonly revocations: RevocationList,
    private readonly changes: ChangeFeed,
    private readonly uses: TokenUseRecorder,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /**
   * Issues a token that says who and nothing else.
   * @throws ApiError 400 `invalid_expiration`
   */
  async mint({ subject }: Principal, wish: { expiration?: unknown; name?: string | null }): Promise<MintedToken> {
    const { MAAS_TOKEN_DEFAULT_TTL, MAAS_TOKEN_MAX_TTL, MAAS_TOKEN_ISSUER, MAAS_TOKEN_AUDIENCE } = this.environment;
    const lifetime = lifetimeMs(wish.expiration, MAAS_TOKEN_DEFAULT_TTL, MAAS_TOKEN_MAX_TTL);
    const issuedAt = Math.floor(Date.now() / 1000);
    // A default such as 1500ms comes from the configuration; a token counts whole seconds.
    const expiresAt = issuedAt + Math.floor(lifetime / 1000);
    const jti = uuidV7();
    const { kid, privatePem } = this.keys.signing;
    const claims = {
      iss: MAAS_TOKEN_ISSUER,
      aud: MAAS_TOKEN_AUDIENCE,
      sub: subject,
      jti,
      iat: issuedAt,
      exp: expiresAt,
    };
    const token = await this.jwt.signAsync(claims, { algorithm: 'ES256', keyid: kid, privateKey: privatePem });
    const name = wish.name ?? null;
    await this.store.add({
      jti,
      subject,
      name,
      issuedAt: new Date(issuedAt * 1000),
      expiresAt: new Date(expiresAt * 1000),
    });
    const expiration = formatDuration((expiresAt - issuedAt) * 1000);
    return { token, expiration, expiresAt, issuedAt, jti, ...(name === null ? {} : { name }) };
  }

  /** Live tokens, newest first, one more than `limit`. A cursor that is no token's id leads to an empty page. */
  async list(subject: string, limit: number, after?: string): Promise<IssuedToken[]> {
    // So that the list tells of the latest use, too.
    await this.uses.flush();
    return this.store.list(subject, limit, after);
  }

  /**
   * The token is refused by every replica within a second of this resolving, and here at once.
   * @throws ApiError 404 where the subject has no such live token
   */
  async revokeOne(subject: string, jti: string): Promise<void> {
    // Postgres would fail on what is no UUID, and a failure of the database is a 500.
    const revoked = isUuid(jti) ? await this.revoke(subject, jti) : 0;
    if (revoked === 0) throw notFound(`There is no token '${jti}'`);
  }

  async revokeAll(subject: string): Promise<void> {
    if (isStorable(subject)) await this.revoke(subject);
  }

  /**
   * Whether a token whose signature is good may still be used.
   * @throws ApiError 401
   */
  check({ jti, expiresAtMs }: VerifiedToken, nowMs: number): void {
    if (expiresAtMs <= nowMs) throw invalidCredential('the token has expired');
    if (this.revocations.has(jti)) throw invalidCredential('the token is revoked');
  }

  private async revoke(subject: string, jti?: string): Promise<number> {
    const revoked = await this.store.revoke(subject, jti);
    this.revocations.add(revoked);
    if (revoked.length > 0) await this.changes.catchUp();
    return revoked.length;
  }
}
