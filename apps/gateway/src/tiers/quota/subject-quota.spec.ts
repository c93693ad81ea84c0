import { SubjectQuota } from './subject-quota.js';
import type { TierLimit } from './tier-limit.js';

const requests: TierLimit = { unit: 'requests', limit: 5, windowMs: 120_000, modelId: null };
const tokens: TierLimit = { unit: 'tokens', limit: 100, windowMs: 60_000, modelId: null };
const slots: TierLimit = { unit: 'concurrency', limit: 2, windowMs: null, modelId: null };
const demand = { modelId: 'm', inputTokens: 5, outputTokens: 100, costMicros: 0 };
const used = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens, costMicros: 0 });

describe('SubjectQuota', () => {
  let nowMs = 0;
  const now = () => nowMs;
  beforeEach(() => void (nowMs = 1_000_000));
  const admitted = (quota: SubjectQuota, limits: TierLimit[]) => {
    const admission = quota.admit(limits, demand, now);
    if (!admission.admitted) throw new Error('refused');
    return admission.reservation;
  };

  it('admits a request whose cap is all that the tier has, and lets no other pile on', () => {
    const quota = new SubjectQuota();
    const reservation = admitted(quota, [tokens]);
    expect(quota.admit([tokens], demand, now)).toMatchObject({ admitted: false, limit: tokens });
    reservation.settle(used(5, 20));
    expect(quota.describe([tokens], nowMs)[0]).toMatchObject({ used: 25, reserved: 0, remaining: 75 });
    expect(quota.admit([tokens], demand, now).admitted).toBe(true);
  });

  it('settles once, however often it is told to', () => {
    const quota = new SubjectQuota();
    const reservation = admitted(quota, [tokens]);
    reservation.settle(used(1, 1));
    reservation.settle(used(50, 50));
    expect(quota.describe([tokens], nowMs)[0]).toMatchObject({ used: 2, reserved: 0 });
  });

  it('uses nothing up where one of several limits refuses', () => {
    const quota = new SubjectQuota();
    admitted(quota, [requests, tokens]);
    quota.admit([requests, tokens], demand, now);
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 1, remaining: 4 });
  });

  it('admits whoever waits as long as it was told, and nobody a second earlier', () => {
    const quota = new SubjectQuota();
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
    const quota = new SubjectQuota();
    const first = admitted(quota, [slots]);
    admitted(quota, [slots]);
    expect(quota.admit([slots], demand, now)).toMatchObject({ admitted: false, limit: slots });
    first.settle(used(0, 0));
    expect(quota.admit([slots], demand, now).admitted).toBe(true);
  });

  it('counts a limit that names a model for that model alone', () => {
    const quota = new SubjectQuota();
    const other: TierLimit = { ...requests, limit: 1, modelId: 'other' };
    admitted(quota, [other]);
    expect(quota.describe([other], nowMs)[0]).toMatchObject({ used: 0 });
  });

  it('remembers after a restart what was used before', () => {
    const quota = new SubjectQuota();
    quota.restore({
      ...demand,
      subject: 's',
      inputTokens: 60,
      outputTokens: 40,
      startedAtMs: nowMs - 30_000,
      endedAtMs: nowMs - 20_000,
    });
    expect(quota.admit([tokens], demand, now).admitted).toBe(false);
    expect(quota.describe([requests], nowMs)[0]).toMatchObject({ used: 1 });
  });
});
