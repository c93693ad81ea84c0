import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { StoredUpstream, UpstreamChange } from './stored-model.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const OTHER_PEM = /-----BEGIN (?!CERTIFICATE-----)/;
const MAX_PEM = 65_536;

/** The certificates of a PEM text, or none where one of them cannot be read. */
function certificatesOf(pem: string): X509Certificate[] {
  try {
    return (pem.match(CERTIFICATE) ?? []).map(text => new X509Certificate(text));
  } catch {
    return [];
  }
}

/** Whether the key is a private one, unencrypted, and the leaf certificate's own. */
function isKeyOf(certificate: string, key: string): boolean {
  try {
    return certificatesOf(certificate)[0]?.checkPrivateKey(createPrivateKey(key)) === true;
  } catch {
    return false;
  }
}

const pem = z.string().max(MAX_PEM);
/** Certificates alone: a private key that was pasted along would be kept and told in clear. */
const certificates = pem.refine(
  text => !OTHER_PEM.test(text) && certificatesOf(text).length > 0,
  'must be certificates in PEM, and nothing else',
);
const SERVER_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

const fields = {
  ca: certificates.nullable().describe("PEM; who may have signed the server's certificate, in place of the system's"),
  certificate: certificates.nullable().describe('PEM, with its chain; how the gateway identifies itself'),
  serverName: z
    .string()
    .regex(SERVER_NAME, 'must be a host name')
    .nullable()
    .describe("The name that the server's certificate has to be for; the URL's where absent"),
};

/** As it is told: everything but the private key. */
export const tlsSchema = z.strictObject({ ...fields, hasKey: z.boolean() }).nullable();

/** As it is given: what is left out stays, null takes away. Verification cannot be turned off. */
export const tlsChangeSchema = z
  .strictObject({ ...fields, key: pem.nullable().describe('PEM, unencrypted. Write-only') })
  .partial()
  .superRefine(({ certificate, key }, context) => {
    // One without the other could not be told to fit, nor rotated without a moment at which it does not.
    const message =
      typeof certificate === 'string' && typeof key === 'string'
        ? isKeyOf(certificate, key) || 'must be the private key of certificate, in PEM'
        : certificate === key || 'must come and go with certificate';
    if (message !== true) context.addIssue({ code: 'custom', path: ['key'], message });
  })
  .nullable()
  .describe('For https; null takes all of it away');

export function tlsFromTheWire(tls: z.output<typeof tlsChangeSchema> | undefined): UpstreamChange {
  if (tls === undefined) return {};
  const { ca, certificate, key, serverName } = tls ?? { ca: null, certificate: null, key: null, serverName: null };
  return {
    ...(ca !== undefined && { tlsCa: ca }),
    ...(certificate !== undefined && { tlsCertificate: certificate }),
    ...(key !== undefined && { tlsKey: key }),
    ...(serverName !== undefined && { tlsServerName: serverName }),
  };
}

export function tlsOnTheWire({
  tlsCa: ca,
  tlsCertificate: certificate,
  tlsServerName: serverName,
  sealedTlsKey,
}: StoredUpstream): z.output<typeof tlsSchema> {
  if (ca === null && certificate === null && serverName === null) return null;
  return { ca, certificate, serverName, hasKey: sealedTlsKey !== null };
}
