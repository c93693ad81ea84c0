import fc from 'fast-check';
import { type Attempt, BREAKER, CircuitBreaker, type Verdict } from './circuit-breaker.js';

const verdict = fc.constantFrom<Verdict>('healthy', 'failed', 'suspect', 'unknown');
const failed = (breaker: CircuitBreaker, times: number, nowMs: number): void => {
  for (let time = 0; time < times; time += 1) breaker.end(breaker.begin(), 'failed', nowMs);
};

describe('a circuit breaker', () => {
  it('opens after failures in a row, and only then', () => {
    const breaker = new CircuitBreaker();
    failed(breaker, BREAKER.failures - 1, 0);
    breaker.end(breaker.begin(), 'healthy', 0);
    failed(breaker, BREAKER.failures - 1, 0);
    expect(breaker.admits(0)).toBe(true);
    failed(breaker, 1, 0);
    expect(breaker.state(0)).toBe('open');
    expect(breaker.admits(BREAKER.openMs - 1)).toBe(false);
  });

  it('closes when a probe succeeds', () => {
    const breaker = new CircuitBreaker();
    failed(breaker, BREAKER.failures, 0);
    expect(breaker.state(BREAKER.openMs)).toBe('half_open');
    breaker.end(breaker.begin(), 'healthy', BREAKER.openMs);
    expect(breaker.state(BREAKER.openMs)).toBe('closed');
  });

  it('waits twice as long after each failed probe, up to a bound', () => {
    const breaker = new CircuitBreaker();
    failed(breaker, BREAKER.failures, 0);
    let nowMs = 0;
    for (let waitMs = BREAKER.openMs; waitMs < 10 * BREAKER.maxOpenMs; waitMs *= 2) {
      const boundMs = Math.min(waitMs, BREAKER.maxOpenMs);
      expect(breaker.admits(nowMs + boundMs - 1)).toBe(false);
      nowMs += boundMs;
      expect(breaker.admits(nowMs)).toBe(true);
      failed(breaker, 1, nowMs);
    }
  });

  it("bears errors of an upstream's own for longer than failures, and opens when nothing else comes", () => {
    const breaker = new CircuitBreaker();
    const suspect = (times: number): void => {
      for (let time = 0; time < times; time += 1) breaker.end(breaker.begin(), 'suspect', 0);
    };
    suspect(BREAKER.suspicions - 1);
    breaker.end(breaker.begin(), 'healthy', 0);
    suspect(BREAKER.suspicions - 1);
    expect(breaker.state(0)).toBe('closed');
    suspect(1);
    expect(breaker.state(0)).toBe('open');
  });

  it('opens when two checks in a row fail, and stays open while they do', () => {
    const breaker = new CircuitBreaker();
    breaker.checked(false, 0);
    expect(breaker.state(0)).toBe('closed');
    breaker.checked(false, 0);
    expect(breaker.state(0)).toBe('open');
    breaker.checked(false, BREAKER.openMs - 1);
    expect(breaker.admits(BREAKER.openMs)).toBe(false);
    expect(breaker.state(BREAKER.openMs - 1 + BREAKER.maxOpenMs)).toBe('half_open');
  });

  it('is half open as soon as a check passes, and closed by a request alone', () => {
    const breaker = new CircuitBreaker();
    failed(breaker, BREAKER.failures, 0);
    breaker.checked(true, 1);
    expect(breaker.state(1)).toBe('half_open');
    breaker.end(breaker.begin(), 'failed', 2);
    expect(breaker.state(2)).toBe('open');
    breaker.checked(true, 3);
    breaker.end(breaker.begin(), 'healthy', 4);
    expect(breaker.state(4)).toBe('closed');
  });

  it('lets another probe go where one told nothing', () => {
    const breaker = new CircuitBreaker();
    failed(breaker, BREAKER.failures, 0);
    const probe = breaker.begin();
    expect(breaker.admits(BREAKER.openMs)).toBe(false);
    breaker.end(probe, 'unknown', BREAKER.openMs);
    expect(breaker.admits(BREAKER.openMs)).toBe(true);
  });

  it('believes nothing that an attempt from before it opened tells', () => {
    const breaker = new CircuitBreaker();
    const late = [breaker.begin(), breaker.begin()];
    failed(breaker, BREAKER.failures, 0);
    breaker.end(late[0] as Attempt, 'healthy', 1);
    expect(breaker.state(1)).toBe('open');
    breaker.end(late[1] as Attempt, 'failed', BREAKER.openMs);
    expect(breaker.state(BREAKER.openMs)).toBe('half_open');
  });

  it('never has more probes out than it may, is never stuck, and opens for no longer than its bound', () => {
    const step = fc.record({ waitMs: fc.nat({ max: 2 * BREAKER.maxOpenMs }), verdict, ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (steps, probes) => {
        const breaker = new CircuitBreaker({ ...BREAKER, probes });
        const running: { attempt: Attempt; probe: boolean }[] = [];
        let nowMs = 0;
        for (const { waitMs, verdict: told, ends } of steps) {
          nowMs += waitMs;
          const next = ends ? running.shift() : undefined;
          if (next !== undefined) {
            const before = breaker.state(nowMs);
            breaker.end(next.attempt, told, nowMs);
            if (before !== breaker.state(nowMs)) running.forEach(one => (one.probe = false));
          } else if (breaker.admits(nowMs)) {
            running.push({ attempt: breaker.begin(), probe: breaker.state(nowMs) === 'half_open' });
          }
          expect(running.filter(({ probe }) => probe).length).toBeLessThanOrEqual(probes);
        }
        for (const { attempt } of running) breaker.end(attempt, 'unknown', nowMs);
        expect(breaker.admits(nowMs + BREAKER.maxOpenMs)).toBe(true);
      }),
    );
  });
});
