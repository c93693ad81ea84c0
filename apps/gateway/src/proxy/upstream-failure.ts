import { errors } from 'undici';
import {
  ApiError,
  internalError,
  upstreamError,
  upstreamTimeout,
  upstreamUnavailable,
} from '../platform/errors/index.js';
import type { Outcome } from '../usage/index.js';
import { coolDownMs } from './routing/retry-after.js';

export interface UpstreamFailure {
  outcome: Outcome;
  error: ApiError;
  /** Nobody is there to be answered. */
  gone?: true;
  /** Another upstream may do better; where nothing has been sent yet, it may be asked. */
  elsewhere?: boolean;
  /** The upstream is there and answers; it may be the request that it cannot bear. */
  mayBeTheRequest?: boolean;
  /** For how long the upstream wants to be left alone. */
  coolDownMs?: number;
}

/** No byte of the response's head came in time, however many informational responses did. */
export const headTimedOut = (): UpstreamFailure => failureOf(new errors.HeadersTimeoutError());

const TIMED_OUT = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError];
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** What a failed exchange is to the client and to the ledger. */
export function failureOf(cause: unknown): UpstreamFailure {
  // What is left of a request may prove wrong on its way, and no upstream can help that.
  if (cause instanceof ApiError) return { outcome: 'client_aborted', error: cause };
  if (TIMED_OUT.some(type => cause instanceof type)) {
    // Only a connection that is not made in time has taken so little of it that a client would wait for another.
    const elsewhere = cause instanceof errors.ConnectTimeoutError;
    return {
      outcome: 'timed_out',
      error: upstreamTimeout("The model's server did not answer in time", cause),
      elsewhere,
    };
  }
  const code: unknown = (cause as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && UNREACHABLE.has(code)) {
    return {
      outcome: 'upstream_failed',
      error: upstreamUnavailable("The model's server cannot be reached", cause),
      elsewhere: true,
    };
  }
  return { outcome: 'upstream_failed', error: upstreamError("The model's server failed", cause), elsewhere: true };
}

/**
 * The failure that an upstream's status is, or `undefined` where its answer may pass. Its 401, 403 and 429 are about
 * our credential, not the caller's.
 * @param retryAfter the header of that name
 */
export function failureOfStatus(status: number, retryAfter?: string): UpstreamFailure | undefined {
  if (status === 429 || status === 503) {
    return {
      outcome: 'upstream_failed',
      error: upstreamUnavailable("The model's server is overloaded", new Error(`upstream status ${status}`)),
      elsewhere: true,
      coolDownMs: coolDownMs(retryAfter, Date.now()),
    };
  }
  if (status === 504)
    return {
      outcome: 'timed_out',
      error: upstreamTimeout("The model's server did not answer in time", new Error('upstream status 504')),
      elsewhere: true,
    };
  if (status >= 500 || status === 401 || status === 403 || status === 407 || (status >= 300 && status < 400)) {
    return {
      outcome: 'upstream_failed',
      error: upstreamError("The model's server failed", new Error(`upstream status ${status}`)),
      elsewhere: status >= 500,
      mayBeTheRequest: status === 500 || status === 403,
    };
  }
  return undefined;
}

/** The process stops, and the time to drain is over. */
export const interrupted = (): UpstreamFailure => ({
  outcome: 'interrupted',
  error: upstreamUnavailable('The gateway is stopping'),
});

export const malformedAnswer = (cause: unknown): UpstreamFailure => ({
  outcome: 'upstream_failed',
  error: upstreamError("The model's server sent a malformed answer", cause),
});

/** Nobody is there to be answered; the error is never sent. */
export const clientGone = (): UpstreamFailure => ({
  gone: true,
  outcome: 'client_aborted',
  error: internalError(new Error('the client left')),
});
