export { QuotaModule } from './quota.module.js';
export { Quota } from './quota.service.js';
export { rateLimitHeaders } from './rate-limit.headers.js';
export { paramOf } from './refusal.js';
export type { Reservation } from './subject-quota.js';
export { type Demand, type LimitState, type TierLimit, UNITS } from './tier-limit.js';
export { TierThrottlerGuard } from './tier-throttler.guard.js';
export { TokenQuotaGuard } from './token-quota.guard.js';
