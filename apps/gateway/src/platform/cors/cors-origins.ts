const ANY = '*';
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@,*]+$/;

/** The origin as browsers send it. @throws RangeError where the text is none */
function originOf(text: string): string {
  const lower = text.toLowerCase();
  if (!ORIGIN.test(lower)) throw new RangeError(`${text} is no origin`);
  if (!/^https?:/.test(lower)) return lower;
  if (!URL.canParse(lower)) throw new RangeError(`${text} is no origin`);
  // Without the port that the scheme has anyway.
  return new URL(lower).origin;
}

/** The origins whose pages may call the gateway. */
export class CorsOrigins {
  private readonly origins: ReadonlySet<string>;
  readonly any: boolean;

  /** @param entries origins, or `*` alone. @throws RangeError naming the entry that is neither */
  constructor(entries: readonly string[]) {
    this.any = entries.length === 1 && entries[0] === ANY;
    this.origins = new Set(this.any ? [] : entries.map(originOf));
  }

  /** No page of another origin may call the gateway. */
  get none(): boolean {
    return !this.any && this.origins.size === 0;
  }

  /** The value of `Access-Control-Allow-Origin` for a request, or undefined where its origin is not allowed. */
  allow(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    if (this.any) return ANY;
    return this.origins.has(origin) ? origin : undefined;
  }
}
