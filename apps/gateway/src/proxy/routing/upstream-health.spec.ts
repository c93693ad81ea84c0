import fc from 'fast-check';
import type { Attempt, Verdict } from './circuit-breaker.js';
import { UpstreamHealth } from './upstream-health.js';

describe("an upstream's health", () => {
  it('counts what runs exactly, however it ends', () => {
    const step = fc.record({
      begins: fc.boolean(),
      verdict: fc.constantFrom<Verdict>('healthy', 'failed', 'suspect', 'unknown'),
      coolDownMs: fc.nat({ max: 60_000 }),
      waitMs: fc.nat({ max: 5000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), steps => {
        const health = new UpstreamHealth();
        const running: Attempt[] = [];
        let nowMs = 0;
        for (const { begins, verdict, coolDownMs, waitMs } of steps) {
          nowMs += waitMs;
          if (begins && health.isAvailable(nowMs)) running.push(health.begin());
          else if (running.length > 0) health.end(running.pop() as Attempt, verdict, nowMs, coolDownMs);
          expect(health.inFlight).toBe(running.length);
        }
      }),
    );
  });

  it('is left alone for as long as it asked, and no longer', () => {
    const health = new UpstreamHealth();
    const [one, two] = [health.begin(), health.begin()];
    health.end(one, 'unknown', 1000, 5000);
    health.end(two, 'unknown', 1500, 1000);
    expect(health.isAvailable(5999)).toBe(false);
    expect(health.state(5999)).toBe('cooling');
    expect(health.isAvailable(6000)).toBe(true);
  });

  it('takes none while its breaker is open', () => {
    const health = new UpstreamHealth();
    for (let time = 0; time < 5; time += 1) health.end(health.begin(), 'failed', 0);
    expect(health.isAvailable(999)).toBe(false);
    expect(health.isAvailable(1000)).toBe(true);
    health.begin();
    expect(health.isAvailable(1000)).toBe(false);
  });

  it('is asked after where it is not well or has been idle, unless it wants to be left alone', () => {
    const health = new UpstreamHealth(0);
    expect(health.wantsCheck(9_999, 10_000)).toBe(false);
    expect(health.wantsCheck(10_000, 10_000)).toBe(true);
    const running = health.begin();
    expect(health.wantsCheck(10_000, 10_000)).toBe(false);
    health.end(running, 'unknown', 10_000, 5000);
    expect(health.wantsCheck(14_999, 0)).toBe(false);
    health.checked(false, 15_000);
    health.checked(false, 15_000);
    expect(health.state(15_000)).toBe('open');
    expect(health.wantsCheck(15_001, 10_000)).toBe(true);
  });
});
