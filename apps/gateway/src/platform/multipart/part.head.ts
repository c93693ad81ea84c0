import { invalidRequest } from '../errors/index.js';

const LINE = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*)$/;
const DISPOSITION = /^form-data((?:[ \t]*;[ \t]*[\w*-]+=(?:"(?:[^"\\]|\\.)*"|[^\s";]+))+)[ \t]*;?[ \t]*$/i;
const PARAMETER = /([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/g;
/** What needs no unescaping, which not all do alike. */
const NAME = /^[\w.[\]-]{1,255}$/;
const AS_IT_IS = /^(?:7bit|8bit|binary)$/i;

const unclear = (what: string): Error => invalidRequest(`The form has a part whose ${what} is not clear`);

function nameOf(disposition: string): string {
  const parameters = DISPOSITION.exec(disposition)?.[1];
  if (parameters === undefined) throw unclear('Content-Disposition');
  const names = [...parameters.matchAll(PARAMETER)].filter(([, key]) => /^name\*?$/i.test(key ?? ''));
  const [match] = names;
  const name = match?.[2] ?? match?.[3] ?? '';
  if (names.length !== 1 || match?.[1]?.toLowerCase() !== 'name' || !NAME.test(name)) throw unclear('name');
  return name;
}

/**
 * The name of a part, by its header lines.
 * @throws ApiError 400 where another reader could take the name, or the value that follows, for something else
 */
export function partNameOf(head: string): string {
  let name: string | undefined;
  for (const line of head.split('\r\n')) {
    const [, key, value] = LINE.exec(line) ?? [];
    if (key === undefined || value === undefined) throw unclear('header');
    const header = key.toLowerCase();
    if (header === 'content-transfer-encoding' && !AS_IT_IS.test(value)) throw unclear('encoding');
    if (header !== 'content-disposition') continue;
    if (name !== undefined) throw unclear('name');
    name = nameOf(value);
  }
  if (name === undefined) throw unclear('name');
  return name;
}
