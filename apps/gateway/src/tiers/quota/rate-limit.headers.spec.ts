import { rateLimitHeaders } from './rate-limit.headers.js';
import type { LimitState, Unit } from './tier-limit.js';

const state = (unit: Unit, remaining: number, resetMs: number, modelId: string | null = null): LimitState => ({
  limit: { unit, limit: 10, windowMs: 1000, modelId },
  used: 10 - remaining,
  reserved: 0,
  remaining,
  resetMs,
});

describe('rate limit headers', () => {
  it('tell the limit of a unit that binds first', () => {
    expect(rateLimitHeaders([state('requests', 4, 5), state('requests', 2, 112_000)], 'm')).toMatchObject({
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '1m52s',
    });
  });
  it("leave out another model's limit and units that have none", () => {
    const headers = rateLimitHeaders([state('tokens', 1, 1, 'other'), state('cost', 1, 1)], 'm');
    expect(Object.keys(headers)).toEqual(['ratelimit-policy', 'ratelimit']);
  });
});
