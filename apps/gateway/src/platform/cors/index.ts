export { serveCors } from './cors.js';
export { CorsOrigins } from './cors-origins.js';
