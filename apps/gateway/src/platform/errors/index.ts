export { ApiError } from './api-error.js';
export * from './api-errors.js';
