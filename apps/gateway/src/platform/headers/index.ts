export { CREDENTIALS, KEY_HEADERS } from './credentials.js';
export { HOP_BY_HOP } from './hop-by-hop.js';
