const KEY_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads keys of 32 bytes in hex or base64, comma-separated, as `openssl rand -hex 32` or `-base64 32` writes them.
 * @returns `undefined` where the text holds anything else
 */
export function parseEncryptionKeys(text: string): Buffer[] | undefined {
  const keys = text.split(',').map(part => {
    const key = part.trim();
    if (HEX.test(key)) return Buffer.from(key, 'hex');
    return BASE64.test(key) ? Buffer.from(key, 'base64') : undefined;
  });
  return keys.every(key => key?.length === KEY_BYTES) ? (keys as Buffer[]) : undefined;
}
