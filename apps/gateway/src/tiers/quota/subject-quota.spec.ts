import { SubjectQuota } from './subject-quota.js';
import { WindowKinds } from './window-kinds.js';
import type { TierLimit } from './tier-limit.js';

const requests: TierLimit = { unit: 'requests', limit: 5, windowMs: 120_000, modelId: null };
const tokens: TierLimit = { unit: 'tokens', limit: 100, windowMs: 60_000, modelId: null };
const slots: TierLimit = { unit: 'concurrency', limit: 2, windowMs: null, modelId: null };
const demand = { modelId: 'm', inputTokens: 5, outputTokens: 100, costMicros: 0 };
const used = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens, costMicros: 0 });

describe('SubjectQuota', () => {
  let nowMs = 0;
  let kinds = new WindowKinds();
  const now = () => nowMs;
  beforeEach(() => {
    nowMs = 1_000_000;
    kinds = new WindowKinds();
    kinds.keepOnly([requests, tokens, slots]);
  });
  const admitted = (quota: SubjectQuota, limits: TierLimit[]) => {
    const admission = quota.admit(limits, demand, now);
    if (!admission.admitted) throw new Error('refused');
    return admission.reservation;
  };

  it('admits a request whose cap is all that the tier has, and lets no other pile on', () => {
    const quota = new SubjectQuota(kinds);
    const reservation = admitted(quota, [tokens]);
    expect(quota.admit([tokens], demand, now)).toMatchObject({ admitted: false, limit: tokens });
    reservation.settle(used(5, 20));
    expect(quota.describe([tokens], nowMs)[0]).toMatchObject({ used: 25, reserved: 0, remaining: 75 });
    expect(quota.admit([tokens], demand, now).admitted).toBe(true);
  });

  it('settles once, however often it is told to', () => {
    const quota = new SubjectQuota(kinds);
    const reservation = admitted(quota, [tokens]);
    reservation.settle(used(1, 1));
    reservation.settle(used(50, 50));
    expect(quota.describe([tokens], nowMs)[0]).toMatchObject({ used: 2, reserved: 0 });
  });

  it('uses nothing up where one of several limits refuses', () => {
    const quota = new SubjectQuota(kinds);
    admitted(quota, [requests, tokens]);
    quota.admit([requests, tokens], demand, now);
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 1, remaining: 4 });
  });

  it('admits whoever waits as long as it was told, and nobody a second earlier', () => {
    const quota = new SubjectQuota(kinds);
    for (let i = 0; i < 5; i++, nowMs += 1700) admitted(quota, [requests]);
    const refusal = quota.admit([requests], demand, now);
    if (refusal.admitted) throw new Error('admitted');
    const refusedAt = nowMs;
    nowMs = refusedAt + Math.ceil(refusal.retryAfterMs / 1000) * 1000 - 1000;
    expect(quota.admit([requests], demand, now).admitted).toBe(false);
    nowMs = refusedAt + Math.ceil(refusal.retryAfterMs / 1000) * 1000;
    expect(quota.admit([requests], demand, now).admitted).toBe(true);
  });

  it('gives a slot back when the request is settled', () => {
    const quota = new SubjectQuota(kinds);
    const first = admitted(quota, [slots]);
    admitted(quota, [slots]);
    expect(quota.admit([slots], demand, now)).toMatchObject({ admitted: false, limit: slots });
    first.settle(used(0, 0));
    expect(quota.admit([slots], demand, now).admitted).toBe(true);
  });

  it('counts a limit that names a model for that model alone', () => {
    const quota = new SubjectQuota(kinds);
    const other: TierLimit = { ...requests, limit: 1, modelId: 'other' };
    admitted(quota, [other]);
    expect(quota.describe([other], nowMs)[0]).toMatchObject({ used: 0 });
  });

  it('gives the request back, too, where it is released', () => {
    const quota = new SubjectQuota(kinds);
    const reservation = admitted(quota, [requests, tokens, slots]);
    reservation.release();
    reservation.settle(used(1, 1));
    expect(quota.describe([requests, tokens, slots], nowMs)).toMatchObject([
      { used: 0, reserved: 0 },
      { used: 0, reserved: 0 },
      { used: 0, reserved: 0 },
    ]);
  });

  it('is forgotten once nothing runs and nothing is in a window, a restored one that never came again as well', () => {
    const quota = new SubjectQuota(kinds);
    const [kind] = kinds.all();
    quota.restore(kind!, nowMs - 1000, { requests: 1, inputTokens: 1, outputTokens: 1, costMicros: 0 });
    expect(quota.isIdle(nowMs)).toBe(false);
    expect(quota.isIdle(nowMs + 125_000)).toBe(true);
    const reservation = admitted(quota, [slots]);
    nowMs += 500_000;
    expect(quota.isIdle(nowMs)).toBe(false);
    reservation.settle(used(0, 0));
    expect(quota.isIdle(nowMs + 125_000)).toBe(true);
  });

  it('knows in every window what was used, whatever the tier was then', () => {
    const quota = new SubjectQuota(kinds);
    admitted(quota, []).settle(used(40, 60));
    expect(quota.admit([tokens], demand, now)).toMatchObject({ admitted: false, limit: tokens });
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 1 });
    const running = admitted(quota, []);
    expect(quota.describe([slots], nowMs)[0]).toMatchObject({ reserved: 1 });
    running.settle(used(0, 0));
  });

  it('counts what runs in a window that comes later', () => {
    const quota = new SubjectQuota(kinds);
    const running = [admitted(quota, []), admitted(quota, [])];
    const hourly: TierLimit = { ...requests, windowMs: 3_600_000 };
    quota.countRunning(kinds.keepOnly([requests, hourly]), nowMs);
    expect(quota.describe([hourly], nowMs)[0]).toMatchObject({ used: 2 });
    running.forEach(one => one.settle(used(0, 0)));
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 2 });
  });

  it('takes a limit that was removed and made again for a new one, whose past is yet to be told', () => {
    const quota = new SubjectQuota(kinds);
    admitted(quota, [requests]);
    kinds.keepOnly([tokens]);
    expect(kinds.keepOnly([requests, tokens])).toEqual([{ windowMs: requests.windowMs, modelId: null }]);
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 0 });
  });

  it('holds the whole of an estimate, so that no second answer can overshoot beside it', () => {
    const quota = new SubjectQuota(kinds);
    const small = quota.admit([tokens], { ...demand, outputTokens: 55 }, now);
    admitted(quota, [tokens]);
    if (!small.admitted) throw new Error('refused');
    small.reservation.settle(used(5, 5));
    expect(quota.describe([tokens], nowMs)[0]).toMatchObject({ used: 10, reserved: 90, remaining: 0 });
    expect(quota.admit([tokens], demand, now).admitted).toBe(false);
  });
});
