import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** Paths that may hold a credential or a prompt; whatever stands there is never written. */
const REDACTED = [
  'authorization',
  'headers.authorization',
  '*.authorization',
  '*.headers.authorization',
  'token',
  '*.token',
  'apiKey',
  '*.apiKey',
  'body',
  '*.body',
];

/** The process's logger: one JSON object a line on standard output. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest tells of every route and module at each start; that is for whoever debugs the wiring. */
const WIRING = new Set<unknown>(['InstanceLoader', 'RouterExplorer', 'RoutesResolver']);

/** Lets Nest's own loggers write through pino. Nest passes the context last, and an error's stack before it. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(WIRING.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const details = rest.slice(0, -1).filter(detail => detail !== undefined);
    const fields = typeof message === 'object' && message !== null ? message : {};
    const text = typeof message === 'string' ? message : details.shift();
    this.logger[level](
      { context, ...fields, ...(details.length > 0 ? { details } : {}) },
      typeof text === 'string' ? text : undefined,
    );
  }
}
