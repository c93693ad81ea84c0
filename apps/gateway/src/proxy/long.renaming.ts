const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const KEY = 'model';

/**
 * Puts the model's id as the caller wrote it in place of the upstream's name, in a JSON object that passes in pieces and is
 * never held whole. Each byte is read once, and none after the name.
 */
export class LongRenaming {
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The outermost string that is being read, or was read last, as far as it may be the key. */
  private key = '';
  /** The next value is that of `model`. */
  private awaitsName = false;
  private replacing = false;
  private done = false;

  /** @param asked the caller's id as a JSON string */
  constructor(private readonly asked: Buffer) {}

  /** @returns the piece as the client is to see it; the same where the name is not in it */
  pass(piece: Buffer): Buffer {
    if (this.done) return piece;
    let nameStart = this.replacing ? 0 : -1;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      if (!this.inString) {
        this.outside(byte);
        if (this.replacing) nameStart = at;
      } else if (this.inside(byte)) {
        if (!this.replacing) continue;
        this.done = true;
        return Buffer.concat([piece.subarray(0, nameStart), this.asked, piece.subarray(at + 1)]);
      }
    }
    return nameStart === -1 ? piece : piece.subarray(0, nameStart);
  }

  private outside(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.inString = true;
        this.replacing = this.awaitsName;
        this.key = '';
        break;
      case COLON:
        this.awaitsName = this.depth === 1 && this.key === KEY;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.depth++;
        this.awaitsName = false;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.depth--;
        break;
      case COMMA:
        this.awaitsName = false;
        this.key = '';
        break;
      default:
        if (byte > SPACE) this.awaitsName = false;
    }
  }

  /** @returns whether the string ends here */
  private inside(byte: number): boolean {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) {
      this.inString = false;
      return true;
    }
    if (this.depth === 1 && this.key.length <= KEY.length) this.key += String.fromCharCode(byte);
    return false;
  }
}
