export { QuotaModule } from './quota.module.js';
export { Quota } from './quota.service.js';
export { rateLimitHeaders } from './rate-limit.headers.js';
export { paramOf } from './refusal.js';
export type { PastRequest, Reservation } from './subject-quota.js';
export { type Consumption, type Demand, type LimitState, type TierLimit, type Unit, UNITS } from './tier-limit.js';
export { TierThrottlerGuard } from './tier-throttler.guard.js';
export { TokenQuotaGuard } from './token-quota.guard.js';
