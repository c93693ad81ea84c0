export type { PlainHandler } from './plain-connection.js';
export { PlainConnections } from './plain-connections.js';
export type { PlainHead } from './plain-head.js';
