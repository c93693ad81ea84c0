export { ApiError, type ApiErrorBody, type ApiErrorType } from './api-error.js';
export * from './api-errors.js';
