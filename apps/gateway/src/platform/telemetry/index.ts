export * from './metrics.js';
export { createMetricsServer } from './metrics.server.js';
export { createLogger, PinoLoggerService } from './pino-logger.service.js';
export { type RequestTally, tallyOf } from './request.tally.js';
