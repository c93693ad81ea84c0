export { ApiError } from './api-error.js';
export { errorBodyFor, messagesErrorOf } from './messages-error.js';
export * from './api-errors.js';
export { NO_RETRY, retryHeaders } from './retry.headers.js';
