export type { Outcome } from './ledger/ledger-entry.js';
export type { Measured } from './measured.js';
export type { RefusalReason } from './refusal.store.js';
export { Refusals } from './refusals.service.js';
export type { RequestMeter } from './request-meter.js';
export { type TokenUsage, type UsageSource, zeroTokens } from './token-usage.js';
export { UsageInterceptor } from './usage.interceptor.js';
export { UsageModule } from './usage.module.js';
