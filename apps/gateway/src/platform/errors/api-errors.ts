import { ApiError, type ApiErrorOptions } from './api-error.js';
import { NO_RETRY } from './retry.headers.js';

// Every refusal of the contract, one per line. A module that needs another adds it here.

const badRequest = (status: number, code: string, message: string, options?: ApiErrorOptions) =>
  new ApiError(status, 'invalid_request_error', code, message, options);

/**
 * The reason stands in the header alone: a body that told it would help an attacker who guesses. No retry makes a bad
 * credential valid, but clients repeat a 401: Claude Code did for 177 s.
 */
export const invalidCredential = (reason: string, cause?: unknown) =>
  badRequest(401, 'invalid_api_key', 'Invalid authentication token', {
    headers: {
      ...NO_RETRY,
      'www-authenticate': `Bearer error="invalid_token", error_description="${reason.replaceAll(/["\\\r\n]/g, "'")}"`,
    },
    cause,
  });

export const invalidRequest = (message: string, param?: string) =>
  badRequest(400, 'invalid_request', message, { param });
export const invalidJson = (message = 'The body is not valid JSON') => badRequest(400, 'invalid_json', message);
export const invalidExpiration = (message: string) =>
  badRequest(400, 'invalid_expiration', message, { param: 'expiration' });
export const notFound = (message: string, param?: string) => badRequest(404, 'not_found', message, { param });
export const modelNotFound = (model: string) =>
  badRequest(404, 'model_not_found', `The model '${model}' does not exist`, { param: 'model' });
export const methodNotAllowed = (allowed: string) =>
  badRequest(405, 'method_not_allowed', 'Method not allowed', { headers: { allow: allowed } });
export const alreadyExists = (message: string, param?: string) => badRequest(409, 'already_exists', message, { param });
export const conflict = (message: string) => badRequest(409, 'conflict', message);
export const requestTooLarge = (message = 'The request body is too large') =>
  badRequest(413, 'request_too_large', message);
export const requestTimeout = () => badRequest(408, 'invalid_request', 'The request did not arrive in time');
export const incompleteBody = () => badRequest(400, 'invalid_request', 'The request body was not sent to its end');
export const uriTooLong = () => badRequest(414, 'invalid_request', 'The URL is too long');
export const expectationFailed = () => badRequest(417, 'invalid_request', 'No expectation but 100-continue can be met');
export const headersTooLarge = () => badRequest(431, 'invalid_request', 'The headers are too large');
export const unsupportedMediaType = (message = 'The content type is not supported; send application/json') =>
  badRequest(415, 'unsupported_media_type', message);

export const accessDenied = (message: string) => new ApiError(403, 'permission_error', 'access_denied', message);
export const modelAccessDenied = () => accessDenied('Insufficient permissions for this model');

export const rateLimitExceeded = (param: string, headers: Record<string, string>) =>
  new ApiError(429, 'rate_limit_error', 'rate_limit_exceeded', 'Rate limit exceeded', { param, headers });

export const insufficientQuota = (message: string, headers: Record<string, string>) =>
  new ApiError(429, 'insufficient_quota', 'insufficient_quota', message, { param: 'cost', headers });

export const internalError = (cause: unknown) =>
  new ApiError(500, 'api_error', 'internal_error', 'Internal error', { cause });
export const upstreamError = (message: string, cause?: unknown) =>
  new ApiError(502, 'api_error', 'upstream_error', message, { cause });
export const upstreamUnavailable = (message: string, cause?: unknown) =>
  new ApiError(503, 'api_error', 'upstream_unavailable', message, { cause });
export const tooManyConnections = () =>
  new ApiError(503, 'api_error', 'overloaded', 'Too many connections are open; retry later', {
    headers: { 'retry-after': '1' },
  });
export const overloaded = () =>
  new ApiError(503, 'api_error', 'overloaded', 'The gateway holds as many request bodies as it may; retry later', {
    headers: { 'retry-after': '1' },
  });
/** @param retryAfterMs when it is worth asking again */
export const noUpstream = (message: string, retryAfterMs: number, cause?: unknown) =>
  new ApiError(503, 'api_error', 'upstream_unavailable', message, {
    cause,
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  });
export const upstreamTimeout = (message: string, cause?: unknown) =>
  new ApiError(504, 'api_error', 'upstream_timeout', message, { cause });
