import fc from 'fast-check';
import { parseList } from 'structured-headers';
import { pushRateLimitFields } from './rate-limit.fields.js';
import { type LimitState, UNITS } from './tier-limit.js';

const limits = fc.record({
  unit: fc.constantFrom(...UNITS),
  limit: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  windowMs: fc.option(fc.integer({ min: 1000, max: 31 * 86_400_000 })),
  modelId: fc.option(fc.constantFrom('qwen3', 'other', 'a.b_c-d')),
});
const states: fc.Arbitrary<LimitState> = fc.record({
  limit: limits,
  used: fc.nat(),
  reserved: fc.nat(),
  remaining: fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
  resetMs: fc.double({ min: -10, max: 31 * 86_400_000, noNaN: true }),
});

function fieldsOf(list: LimitState[], modelId: string): Record<string, string> {
  const headers: string[] = [];
  pushRateLimitFields(headers, list, modelId);
  return Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [])));
}

describe('the RateLimit fields', () => {
  it('are structured fields with a member for each limit of the model', () => {
    fc.assert(
      fc.property(fc.array(states, { minLength: 1, maxLength: 5 }), list => {
        const counted = list.filter(({ limit }) => limit.modelId === null || limit.modelId === 'qwen3');
        const fields = fieldsOf(list, 'qwen3');
        if (counted.length === 0) return expect(fields).toEqual({});
        const policy = parseList(fields['ratelimit-policy'] ?? '');
        const left = parseList(fields['ratelimit'] ?? '');
        expect(policy).toHaveLength(counted.length);
        expect(left.map(([name]) => name)).toEqual(policy.map(([name]) => name));
        counted.forEach(({ limit, remaining, resetMs }, index) => {
          const most = 999_999_999_999_999;
          expect(policy[index]?.[1].get('q')).toBe(Math.min(most, limit.limit));
          expect(policy[index]?.[1].get('qu')).toBe(limit.unit);
          expect(left[index]?.[1].get('r')).toBe(Math.min(most, Math.floor(remaining)));
          const seconds = limit.windowMs === null ? undefined : Math.max(0, Math.ceil(resetMs / 1000));
          expect(left[index]?.[1].get('t')).toBe(seconds);
        });
      }),
    );
  });

  it('read as the draft writes them', () => {
    const limit = { unit: 'requests' as const, limit: 5, windowMs: 120_000, modelId: null };
    expect(fieldsOf([{ limit, used: 1, reserved: 0, remaining: 4, resetMs: 119_001 }], 'm')).toEqual({
      'ratelimit-policy': '"requests-2m0s";q=5;w=120;qu="requests"',
      ratelimit: '"requests-2m0s";r=4;t=120',
    });
  });
});
