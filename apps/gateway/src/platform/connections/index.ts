export { limitConnections } from './limited-connections.js';
