export type { Outcome } from './ledger/ledger-entry.js';
export type { Measured } from './measured.js';
export type { RequestMeter } from './request-meter.js';
export { Refusals } from './refusals.service.js';
export type { TokenUsage } from './token-usage.js';
export { LedgerGuard } from './ledger.guard.js';
export { UsageModule } from './usage.module.js';
