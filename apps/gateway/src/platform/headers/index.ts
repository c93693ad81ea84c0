export { HOP_BY_HOP } from './hop-by-hop.js';
