import { createHmac, createPrivateKey, sign, type JsonWebKey } from 'node:crypto';
import { loadEncryptionKeys, SecretBox } from '../../apps/gateway/src/platform/secrets/index.js';
import { query } from './embedded-database.js';

export type Claims = Record<string, unknown>;

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

export function decodeJwt(token: string): { header: Claims; claims: Claims } {
  const [header = '', claims = ''] = token.split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
  return { header: decode(header), claims: decode(claims) };
}

export function unsigned(header: Claims, claims: Claims): string {
  return `${encode(header)}.${encode(claims)}.`;
}

export function signHs256(header: Claims, claims: Claims, secret: string): string {
  const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export function signEs256(header: Claims, claims: Claims, key: JsonWebKey): string {
  const input = `${encode({ ...header, alg: 'ES256' })}.${encode(claims)}`;
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The gateway's own private key, opened with the encryption key of its data folder. */
export async function readSigningKey(dataDir: string, kid: string): Promise<JsonWebKey> {
  const rows = await query<{ private_jwk: string }>(dataDir, 'SELECT private_jwk FROM signing_keys WHERE kid = $1', [
    kid,
  ]);
  const secrets = new SecretBox(loadEncryptionKeys(undefined, dataDir));
  const opened = secrets.open(rows[0]?.private_jwk ?? '', `signing-keys/${kid}`);
  if (opened === undefined) throw new Error(`no signing key ${kid}`);
  return JSON.parse(opened) as JsonWebKey;
}
