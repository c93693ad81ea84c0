import { invalidRequest } from '../errors/index.js';

/** RFC 2046 5.1.1, with a charset at most beside it: two boundaries, say, could be read as either. */
const FORM =
  /^multipart\/form-data\s{0,8};\s{0,8}(?:charset=([\w-]+|"[\w-]+")\s{0,8};\s{0,8})?boundary=(?:([\w'+.-]{1,70})|"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])")\s{0,8}(?:;\s{0,8}charset=([\w-]+|"[\w-]+")\s{0,8})?$/i;

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'us-ascii']);

/**
 * Returns what separates the parts of a form, by its content type; `undefined` where that is none that all readers read alike.
 * @throws ApiError 400 for another charset than utf-8 and us-ascii, in which names of parts may be other names
 */
export function boundaryOf(contentType: string): string | undefined {
  const match = FORM.exec(contentType);
  if (match === null) return undefined;
  for (const charset of [match[1], match[4]])
    if (charset !== undefined && !CHARSETS.has(charset.replaceAll('"', '').toLowerCase()))
      throw invalidRequest(`The form's charset ${charset} is not supported; send utf-8 or us-ascii`);
  return match[2] ?? match[3];
}

const TOKEN = /^[\w'+.-]+$/;

/** Returns the content type of a form with the boundary, in the one way in which the gateway writes it. */
export const formTypeOf = (boundary: string): string =>
  `multipart/form-data; boundary=${TOKEN.test(boundary) ? boundary : `"${boundary}"`}`;
