export type { Outcome } from './ledger/ledger-entry.js';
export type { Measured } from './measured.js';
export type { RequestMeter } from './request-meter.js';
export { Refusals } from './refusals.service.js';
export type { TokenUsage } from './token-usage.js';
export { UsageInterceptor } from './usage.interceptor.js';
export { UsageModule } from './usage.module.js';
