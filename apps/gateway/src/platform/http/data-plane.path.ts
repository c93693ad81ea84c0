/** A path of the data plane: with the model as its first segment, or with none. */
const DATA_PLANE = /^\/(?:(?!maas-api\/)[^/]+\/)?v1\/./;

/**
 * Returns the URL with doubled and trailing slashes of a data-plane path removed. Clients join a base URL that ends in a
 * slash with a path that begins with one. URLs of the control plane, and all others, are returned as they are.
 */
export function dataPlaneUrl(url: string): string {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  if (!path.includes('//') && !path.endsWith('/')) return url;
  let canonical = '';
  for (const segment of path.split('/')) if (segment !== '') canonical += `/${segment}`;
  return DATA_PLANE.test(canonical) ? canonical + url.slice(path.length) : url;
}
