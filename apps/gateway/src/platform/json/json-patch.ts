/** Where a value stands: offsets of its first byte and of the byte after it. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

/** Where the known members of a JSON object stand. */
export interface ObjectLayout {
  /** Of values, by the names of their members. */
  readonly places: Readonly<Record<string, JsonPlace | undefined>>;
  /** Offset of the object's closing brace. */
  readonly closeAt: number;
  readonly isEmpty: boolean;
}

/** A member and the JSON text of its new value. */
export type JsonChange = readonly [name: string, json: string];

/**
 * Returns the object with members replaced or added; all other bytes stay as they are. A member that has no place is added
 * at the end. The result has a memory of its own, not a part of Node's pool: a request is kept for as long as its answer
 * takes, and would keep the pool's 8 KB with it.
 */
export function patchedObject(bytes: Buffer, layout: ObjectLayout, changes: readonly JsonChange[]): Buffer {
  if (changes.length === 0) return bytes;
  const { places, closeAt } = layout;
  const splices: (JsonPlace & { text: string })[] = [];
  let added = '';
  for (const [name, json] of changes) {
    const place = places[name];
    if (place !== undefined) splices.push({ start: place.start, end: place.end, text: json });
    else added += `${layout.isEmpty && added === '' ? '' : ','}${JSON.stringify(name)}:${json}`;
  }
  splices.sort((one, other) => one.start - other.start);
  if (added !== '') splices.push({ start: closeAt, end: closeAt, text: added });
  let length = bytes.length;
  for (const { start, end, text } of splices) length += Buffer.byteLength(text) - (end - start);
  const patched = Buffer.allocUnsafeSlow(length);
  let from = 0;
  let to = 0;
  for (const { start, end, text } of splices) {
    to += bytes.copy(patched, to, from, start);
    to += patched.write(text, to);
    from = end;
  }
  bytes.copy(patched, to, from);
  return patched;
}
