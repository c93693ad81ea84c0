import { BodyPace, GRACE_MS } from './body.pace.js';

const RATE = 1024;

describe('the pace of a body', () => {
  it('is not judged in the first ten seconds', () => {
    const pace = new BodyPace(RATE);
    pace.begin(0);
    expect(pace.isTooSlow(GRACE_MS)).toBe(false);
    expect(pace.isTooSlow(GRACE_MS + 1)).toBe(true);
  });

  it('is enough where the bytes since then come at the least rate', () => {
    const pace = new BodyPace(RATE);
    pace.begin(0);
    pace.add(5 * RATE);
    expect(pace.isTooSlow(GRACE_MS + 5000)).toBe(false);
    expect(pace.isTooSlow(GRACE_MS + 5001)).toBe(true);
  });

  it('counts no time in which nobody reads', () => {
    const pace = new BodyPace(RATE);
    pace.begin(0);
    pace.pause(1000);
    expect(pace.isTooSlow(1_000_000)).toBe(false);
    pace.begin(1_000_000);
    expect(pace.isTooSlow(1_000_000 + GRACE_MS - 1000)).toBe(false);
    expect(pace.isTooSlow(1_000_000 + GRACE_MS)).toBe(true);
  });

  it('may be anything where the least rate is 0', () => {
    const pace = new BodyPace(0);
    pace.begin(0);
    expect(pace.isTooSlow(3_600_000)).toBe(false);
  });
});
