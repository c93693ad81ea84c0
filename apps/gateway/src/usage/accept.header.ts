interface Wish {
  /** 0 to 1; 0 is not wanted. */
  quality: number;
  /** 2 where the type is named, 1 where its half is, 0 for any. */
  precision: number;
  place: number;
}

const QUALITY = /^q=([01](?:\.\d{0,3})?)$/;

/** How much an `Accept` header wants a type: by the most precise range that it is in (RFC 9110, 12.5.1). */
function wishFor(type: string, accept: string): Wish | undefined {
  const ranges = ['*/*', `${type.split('/', 1)[0]}/*`, type];
  const wishes = accept.split(',').map((part, place): Wish => {
    const [range = '', ...parameters] = part.split(';').map(text => text.trim());
    const quality = parameters.flatMap(parameter => QUALITY.exec(parameter)?.[1] ?? [])[0] ?? '1';
    return { quality: Number(quality), precision: ranges.indexOf(range), place };
  });
  return wishes.filter(({ precision }) => precision >= 0).sort((a, b) => b.precision - a.precision)[0];
}

/**
 * Whether an `Accept` header wants CSV more than JSON, which is what is answered otherwise. Of two that are wanted as much
 * the one that is named more precisely is taken, and the first of two named alike.
 */
export function prefersCsv(accept = ''): boolean {
  const csv = wishFor('text/csv', accept.toLowerCase());
  const json = wishFor('application/json', accept.toLowerCase());
  if (csv === undefined || csv.quality === 0) return false;
  if (json === undefined) return true;
  return (csv.quality - json.quality || csv.precision - json.precision || json.place - csv.place) > 0;
}
