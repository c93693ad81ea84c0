import fc from 'fast-check';
import { RETRIES, RetryBudget } from './retry-budget.js';

describe('a retry budget', () => {
  it('never lets more than a fifth of any 500 requests in a row be retries', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 3000 }), wishes => {
        const budget = new RetryBudget();
        // How many retries had been made before each request.
        const before: number[] = [];
        let retries = 0;
        for (const wish of wishes) {
          before.push(retries);
          budget.earn();
          for (let retry = 0; retry < wish; retry += 1) if (budget.spend()) retries += 1;
          const start = before[Math.max(before.length - RETRIES.requests, 0)] ?? 0;
          expect(retries - start).toBeLessThanOrEqual(RETRIES.retries);
        }
      }),
    );
  });

  it('gives upstreams that fail every request no more than 1.2 times the traffic', () => {
    const budget = new RetryBudget();
    let sent = 0;
    for (let request = 0; request < 500; request += 1) {
      budget.earn();
      sent += 1;
      while (budget.spend()) sent += 1;
    }
    expect(sent).toBe(600);
  });

  it('lets all be asked for again that a server held when it died', () => {
    const budget = new RetryBudget();
    budget.earn();
    let retries = 0;
    while (budget.spend()) retries += 1;
    expect(retries).toBe(RETRIES.retries);
  });

  it('is whole again when that many requests have passed', () => {
    const budget = new RetryBudget();
    while (budget.spend());
    for (let request = 0; request < RETRIES.requests - 1; request += 1) budget.earn();
    expect(budget.spend()).toBe(false);
    for (let request = 0; request < RETRIES.requests / 10 + 1; request += 1) budget.earn();
    expect(budget.spend()).toBe(true);
  });
});
