/** A pair of a forwarded-element and what follows it (RFC 7239 4). Linear: no two of its parts match the same character. */
const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))[ \t]*(;|,|$)/y;
/** An element may be empty, and so may a pair. */
const EMPTY = /[ \t]*(;|,|$)/y;

/**
 * The `for` nodes of a `Forwarded` header (RFC 7239), from left to right; an element without one gives an empty text.
 * @returns undefined where the header is malformed
 */
export function forwardedNodes(header: string): string[] | undefined {
  const nodes: string[] = [];
  let node: string | undefined;
  let isEmpty = true;
  for (let at = 0; ;) {
    PAIR.lastIndex = EMPTY.lastIndex = at;
    const pair = PAIR.exec(header);
    const end = pair ?? EMPTY.exec(header);
    if (end === null) return undefined;
    if (pair !== null) {
      isEmpty = false;
      const [, name = '', quoted, token = ''] = pair;
      if (name.toLowerCase() === 'for') {
        if (node !== undefined) return undefined;
        node = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
      }
    }
    const delimiter = end.at(-1);
    if (delimiter !== ';') {
      if (!isEmpty) nodes.push(node ?? '');
      node = undefined;
      isEmpty = true;
    }
    if (delimiter === '') return nodes;
    at = (pair === null ? EMPTY : PAIR).lastIndex;
  }
}
