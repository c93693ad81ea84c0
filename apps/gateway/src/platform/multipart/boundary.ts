/** RFC 2046 5.1.1, with a charset at most beside it: two boundaries, say, could be read as either. */
const FORM =
  /^multipart\/form-data\s*;\s*(?:charset=[\w-]+\s*;\s*)?boundary=(?:([\w'+.-]{1,70})|"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])")\s*(?:;\s*charset=[\w-]+\s*)?$/i;

/** What separates the parts of a form, by its content type; `undefined` where that is none that all read alike. */
export function boundaryOf(contentType: string): string | undefined {
  const match = FORM.exec(contentType);
  return match?.[1] ?? match?.[2];
}
