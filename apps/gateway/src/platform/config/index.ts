export { ConfigModule, ENVIRONMENT } from './config.module.js';
export { formatDuration, parseDuration } from './duration.js';
export { parseEncryptionKeys } from './encryption-key.js';
export { type Environment, parseEnvironment, StartupError } from './environment.js';
export { readEnvironment } from './process-environment.js';
