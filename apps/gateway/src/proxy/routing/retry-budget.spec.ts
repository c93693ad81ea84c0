import fc from 'fast-check';
import { RETRIES, RetryBudget } from './retry-budget.js';

describe('a retry budget', () => {
  it('never lets retries be more than a fifth of the requests and the reserve', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 5000 }), events => {
        const budget = new RetryBudget();
        let [requests, retries] = [0, 0];
        for (const isRequest of events) {
          if (isRequest) {
            requests += 1;
            budget.earn();
          } else if (budget.spend()) retries += 1;
          expect(retries).toBeLessThanOrEqual(RETRIES.reserve + requests * RETRIES.share + 1e-6);
        }
      }),
    );
  });

  it('gives an upstream that fails every request no more than 1.2 times its traffic', () => {
    const budget = new RetryBudget({ ...RETRIES, reserve: 0 });
    let sent = 0;
    for (let request = 0; request < 10_000; request += 1) {
      budget.earn();
      sent += 1;
      while (budget.spend()) sent += 1;
    }
    expect(sent).toBe(12_000);
  });

  it('saves no more than its capacity', () => {
    const budget = new RetryBudget();
    for (let request = 0; request < 100_000; request += 1) budget.earn();
    let retries = 0;
    while (budget.spend()) retries += 1;
    expect(retries).toBe(RETRIES.capacity);
  });
});
