import { invalidRequest, notFound } from '../platform/errors/index.js';

/** What an upstream has kept of earlier requests. */
const STORED = ['previous_response_id', 'conversation'];

const isReference = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && (item as { type?: unknown }).type === 'item_reference';

/**
 * Refuses what only an upstream's memory could answer. All callers share its credential there, so that one could read
 * what another has said; and what runs in the background reports to nobody what it used.
 * @throws ApiError 404 for what is stored, 400 for what runs in the background
 */
export function refuseStored(body: Readonly<Record<string, unknown>>): void {
  const named = STORED.find(member => (body[member] ?? null) !== null);
  if (named !== undefined) throw notFound('Stored responses and conversations are not offered', named);
  if (Array.isArray(body['input']) && body['input'].some(isReference))
    throw notFound('Items of stored responses are not offered', 'input');
  if (body['background'] === true) throw invalidRequest('Responses in the background are not offered', 'background');
}
