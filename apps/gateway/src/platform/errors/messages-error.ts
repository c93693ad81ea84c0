import type { ApiError } from './api-error.js';

/** Anthropic's names for what a status says. */
const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

interface MessagesErrorBody {
  type: 'error';
  error: { type: string; message: string };
}

/** An error as clients of Anthropic's Messages API know it. */
export const messagesErrorOf = ({ status, message }: Pick<ApiError, 'status' | 'message'>): MessagesErrorBody => ({
  type: 'error',
  error: { type: TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message },
});

const MESSAGES = /\/v1\/messages(?:\/count_tokens)?(?:\?|$)/;

/** The error's body in the words of the API that the URL is of. */
export const errorBodyFor = (url: string, error: ApiError): object =>
  MESSAGES.test(url) ? messagesErrorOf(error) : error.toBody();
