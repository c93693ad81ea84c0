import type { IncomingHttpHeaders } from 'node:http';
import { type CatalogUpstream, type Endpoint, loweredCaps, type ModelRequest, type Upload } from '../models/index.js';
import { type HeaderList, headersToUpstream } from './hop-by-hop.headers.js';
import { type JsonChange, patchedObject } from '../platform/json/index.js';
import type { UsageWish } from './answer.reader.js';

const optionsOf = ({ settings }: ModelRequest): Record<string, unknown> => {
  const options = settings['stream_options'];
  return typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {};
};

/** What the client itself asked to see of usage in its stream. */
export function usageWishOf(request: ModelRequest): UsageWish {
  const options = optionsOf(request);
  return { include: options['include_usage'] === true, continuous: options['continuous_usage_stats'] === true };
}

/**
 * Returns the body for an upstream: with the upstream's own name for the model, and with the option that makes a stream
 * report its usage. All other bytes are the caller's.
 * @param outputCap tokens that each choice may have, where the caller's tier says so
 */
export function bodyForUpstream(
  bytes: Buffer,
  request: ModelRequest,
  upstream: CatalogUpstream,
  endpoint: Endpoint,
  outputCap?: number,
): Buffer {
  const { layout, settings } = request;
  if (layout === undefined) throw new Error('only a JSON body can be changed');
  const changes: JsonChange[] = [];
  if (outputCap !== undefined)
    for (const [member, cap] of loweredCaps(settings, endpoint, outputCap)) changes.push([member, String(cap)]);
  if (upstream.model !== request.model) changes.push(['model', JSON.stringify(upstream.model)]);
  if (request.stream && endpoint.asksForUsage) {
    const continuous = upstream.features.includes('continuous_usage_stats') ? { continuous_usage_stats: true } : {};
    const options = { ...optionsOf(request), include_usage: true, ...continuous };
    changes.push(['stream_options', JSON.stringify(options)]);
  }
  return patchedObject(bytes, layout, changes);
}

/**
 * The caller's headers without their credentials, and with the upstream's own.
 * @param contentType that of the body as it is sent
 */
export function headersForUpstream(
  headers: IncomingHttpHeaders,
  requestId: string,
  { headers: own }: CatalogUpstream,
  contentType = 'application/json',
): HeaderList {
  const crossing = headersToUpstream(headers, own);
  for (const name in own) crossing.push(name, own[name] ?? '');
  // Usage is read from the answer, and that only works on what is not compressed.
  crossing.push('accept-encoding', 'identity', 'content-type', contentType, 'x-request-id', requestId);
  return crossing;
}

/** The same for a form that passes as it comes. */
export function uploadHeaders(
  headers: IncomingHttpHeaders,
  requestId: string,
  upstream: CatalogUpstream,
  upload: Upload,
): HeaderList {
  const crossing = headersForUpstream(headers, requestId, upstream, upload.contentType);
  const length = upload.lengthAs(upstream.model);
  if (length !== undefined) crossing.push('content-length', String(length));
  return crossing;
}
