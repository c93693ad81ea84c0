import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D 5.2.1.1: the length that GCM takes as it is. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The blanks cannot stand in a credential in clear, so that a sealed one is told from it for certain. */
const FORM = /^sealed 1 ([0-9a-f]{16}) ([A-Za-z0-9+/=]+)$/;

/** Names a key without telling it. */
const idOf = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 16);

/**
 * Seals texts with AES-256-GCM. Each is bound to the place it is kept in, so that one that was copied to another place
 * does not open there.
 */
export class SecretBox {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly sealing: { id: string; key: Buffer };

  /** @param keys 32 bytes each; all of them open, the first seals */
  constructor([first, ...older]: readonly [Buffer, ...Buffer[]]) {
    this.sealing = { id: idOf(first), key: first };
    this.keys = new Map([first, ...older].map(key => [idOf(key), key]));
  }

  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.sealing.key, nonce).setAAD(Buffer.from(place));
    const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `sealed 1 ${this.sealing.id} ${Buffer.concat(parts).toString('base64')}`;
  }

  /** @returns `undefined` where the key is not here, the text was altered, or it was sealed for another place */
  open(sealed: string, place: string): string | undefined {
    const [, id = '', content = ''] = FORM.exec(sealed) ?? [];
    const key = this.keys.get(id);
    const bytes = Buffer.from(content, 'base64');
    // Base64 can be written in several ways; a text that we did not write ourselves was altered.
    const isOurs = bytes.length >= NONCE_BYTES + TAG_BYTES && bytes.toString('base64') === content;
    if (key === undefined || !isOurs) return undefined;
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      // The only thing that final() throws for is a tag that does not fit.
      return undefined;
    }
  }

  /** Whether a key is here that could open it. */
  knows(sealed: string): boolean {
    return this.keys.has(FORM.exec(sealed)?.[1] ?? '');
  }

  /** Whether it was sealed with the key that seals now. */
  isCurrent(sealed: string): boolean {
    return FORM.exec(sealed)?.[1] === this.sealing.id;
  }

  /** Whether it is a sealed text at all, and not one in clear. */
  static isSealed(text: string): boolean {
    return FORM.test(text);
  }
}
