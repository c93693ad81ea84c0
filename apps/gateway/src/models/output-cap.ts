import { invalidRequest } from '../platform/errors/index.js';
import type { Endpoint } from './endpoint.js';

/** All members that cap an output somewhere: an upstream may know more of them than its endpoint documents. */
export const CAPS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];

type Body = Readonly<Record<string, unknown>>;

/** A number of things; 0 and null where it is not named. @throws ApiError 400 where it is no count */
function countOf(body: Body, member: string, least: number): number | null {
  const value = body[member];
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value) || Number(value) < least)
    throw invalidRequest(`${member} must be an integer of at least ${least}`, member);
  return Number(value);
}

/**
 * The largest of the caps that the body names, in tokens. What is no count is refused, because upstreams differ in what
 * they make of it, and one takes it for no cap at all.
 * @throws ApiError 400
 */
export function outputCapOf(body: Body): number | null {
  let largest: number | null = null;
  for (const member of CAPS) {
    const cap = countOf(body, member, 0);
    if (cap !== null) largest = Math.max(cap, largest ?? 0);
  }
  return largest;
}

/**
 * How many answers share the output; 0 where there is none.
 * @param promptCount number of prompts in the body
 * @throws ApiError 400
 */
export function choicesOf(body: Body, endpoint: Endpoint, promptCount: number): number {
  if (endpoint.output === 'none') return 0;
  const prompts = endpoint.manyPrompts ? promptCount : 1;
  let each = 1;
  for (const member of endpoint.choices) each = Math.max(each, countOf(body, member, 1) ?? 1);
  return prompts * each;
}

/**
 * The members that hold a cap down to `cap` tokens for each choice: those that the caller named, where they are larger,
 * and the endpoint's own where the caller named none that it knows.
 */
export function loweredCaps(body: Body, { caps }: Endpoint, cap: number): [member: string, cap: number][] {
  const [usual] = caps;
  if (usual === undefined) return [];
  const named = CAPS.filter(member => typeof body[member] === 'number');
  const members = named.some(member => caps.includes(member)) ? named : [...named, usual];
  return members.flatMap((member): [string, number][] => {
    const asked = body[member];
    return typeof asked === 'number' && asked <= cap ? [] : [[member, cap]];
  });
}
