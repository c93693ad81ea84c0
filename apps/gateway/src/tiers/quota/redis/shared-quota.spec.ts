import fc from 'fast-check';
import { describeWithRedis, RedisProcess } from '../../../../../../test/support/redis-process.js';
import type { Demand } from '../demand.js';
import type { Reservation } from '../reservation.js';
import { SubjectQuota } from '../subject-quota.js';
import type { TierLimit } from '../tier-limit.js';
import { WindowKinds } from '../window-kinds.js';
import { RedisConnection } from './redis.connection.js';
import { type Lease, SharedQuota } from './shared-quota.js';
import { WindowGenerations } from './window-generations.js';

const MODELS = ['a', 'b'];
const limitArbitrary: fc.Arbitrary<TierLimit> = fc.oneof(
  fc.record({
    unit: fc.constantFrom('requests', 'tokens', 'input_tokens', 'output_tokens', 'cost'),
    limit: fc.integer({ min: 1, max: 300 }),
    windowMs: fc.constantFrom(1000, 7000),
    modelId: fc.constantFrom(null, ...MODELS),
  }),
  fc.record({
    unit: fc.constant('concurrency' as const),
    limit: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.constant(null),
    modelId: fc.constantFrom(null, ...MODELS),
  }),
);
const tokens = fc.integer({ min: 0, max: 90 });
const stepArbitrary = fc.record({
  // Together less than a lease.
  gapMs: fc.integer({ min: 0, max: 350 }),
  admits: fc.boolean(),
  modelId: fc.constantFrom(...MODELS),
  pick: fc.nat(),
  estimate: fc.record({ inputTokens: tokens, outputTokens: tokens, costMicros: tokens }),
  strict: fc.option(fc.record({ choices: fc.integer({ min: 1, max: 3 }), price: fc.constantFrom(0, 0.3, 1) })),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

describeWithRedis('SharedQuota', () => {
  let redis: RedisProcess;
  let connection: RedisConnection;

  beforeAll(async () => {
    redis = await RedisProcess.start();
    connection = new RedisConnection(redis.url);
    await connection.open();
  });

  afterAll(async () => {
    connection.close();
    await redis.dispose();
  });

  const quotaOf = async (limits: TierLimit[]) => {
    const kinds = new WindowKinds();
    kinds.keepOnly(limits);
    const generations = new WindowGenerations(connection);
    await generations.claim(kinds.all());
    return { kinds, shared: new SharedQuota(connection, kinds, generations) };
  };
  const tokenLimit: TierLimit = { unit: 'tokens', limit: 100, windowMs: 60_000, modelId: null };
  const demand: Demand = { modelId: 'a', inputTokens: 5, outputTokens: 100, costMicros: 0 };
  const leaseOf = async (shared: SharedQuota, subject: string, limits: TierLimit[], nowMs?: number): Promise<Lease> => {
    const admission = await shared.admit(subject, limits, demand, nowMs);
    if ('admitted' in admission) throw new Error('refused');
    return admission.lease;
  };

  it('decides and tells as one process does, whatever ends when', async () => {
    let subjects = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(limitArbitrary, { maxLength: 4 }),
        fc.array(stepArbitrary, { maxLength: 40 }),
        async (limits, steps) => {
          const { kinds, shared } = await quotaOf(limits);
          const here = new SubjectQuota(kinds);
          const subject = `{subject} ${subjects++}`;
          const running: { lease: Lease; reservation: Reservation }[] = [];
          let nowMs = 1_000_000;
          for (const { gapMs, admits, modelId, pick, estimate, strict, part } of steps) {
            nowMs += gapMs;
            if (admits) {
              const asked: Demand = {
                ...estimate,
                modelId,
                ...(strict && {
                  strict: {
                    inputTokens: estimate.inputTokens,
                    choices: strict.choices,
                    inputMicros: strict.price,
                    outputMicros: strict.price,
                  },
                }),
              };
              const expected = here.admit(limits, asked, () => nowMs);
              const told = await shared.admit(subject, limits, asked, nowMs);
              if ('admitted' in told) {
                expect(expected).toMatchObject({ admitted: false, limit: told.limit, retryAfterMs: told.retryAfterMs });
              } else {
                if (!expected.admitted) throw new Error('one process would have refused');
                expect(told.outputTokens).toBe(expected.reservation.outputTokens);
                running.push({ lease: told.lease, reservation: expected.reservation });
              }
            } else {
              const [ended] = running.splice(pick % Math.max(1, running.length), 1);
              if (ended === undefined) continue;
              const { hold } = ended.lease;
              const actual = {
                inputTokens: Math.floor(hold.inputTokens * part),
                outputTokens: Math.floor(hold.outputTokens * part),
                costMicros: Math.floor(hold.costMicros * part),
              };
              ended.reservation.settle(actual);
              await shared.end(ended.lease, { ...actual, requests: 0 }, nowMs, nowMs);
            }
            expect(await shared.describe(subject, limits, nowMs)).toEqual(here.describe(limits, nowMs));
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('gives back what a replica held that died, after its lease', async () => {
    const { shared } = await quotaOf([tokenLimit]);
    const nowMs = 1_000_000;
    await leaseOf(shared, 'died', [tokenLimit], nowMs);
    expect(await shared.admit('died', [tokenLimit], demand, nowMs + 14_000)).toMatchObject({ admitted: false });
    expect(await shared.describe('died', [tokenLimit], nowMs + 15_000)).toMatchObject([{ used: 0, reserved: 0 }]);
  });

  it('takes a lease up again that Redis has lost', async () => {
    const { shared } = await quotaOf([tokenLimit]);
    const lease = await leaseOf(shared, 'lost', [tokenLimit]);
    await shared.end(lease, { requests: 0, inputTokens: 0, outputTokens: 0, costMicros: 0 });
    await shared.renew(lease);
    await shared.renew(lease);
    expect(await shared.describe('lost', [tokenLimit])).toMatchObject([{ reserved: 100 }]);
    await shared.end(lease, { requests: 0, inputTokens: 1, outputTokens: 2, costMicros: 0 });
    expect(await shared.describe('lost', [tokenLimit])).toMatchObject([{ used: 3, reserved: 0 }]);
  });

  it('counts what the ledger tells of the past', async () => {
    const { kinds, shared } = await quotaOf([tokenLimit]);
    const past = { requests: 1, inputTokens: 30, outputTokens: 40, costMicros: 0, atMs: Date.now() - 20_000 };
    await shared.restore(kinds.all()[0]!, [
      { ...past, subject: 'past' },
      { ...past, subject: 'past', atMs: Date.now() + 5_000_000 },
    ]);
    expect(await shared.describe('past', [tokenLimit])).toMatchObject([{ used: 140, remaining: 0 }]);
  });

  it('is one in a cluster, whatever the subject is called', async () => {
    const cluster = await RedisProcess.startCluster();
    const clustered = new RedisConnection(cluster.url.replace('redis:', 'redis+cluster:'));
    try {
      await clustered.open();
      const kinds = new WindowKinds();
      kinds.keepOnly([tokenLimit, { ...tokenLimit, modelId: 'a', windowMs: 5000 }]);
      const generations = new WindowGenerations(clustered);
      await generations.claim(kinds.all());
      const shared = new SharedQuota(clustered, kinds, generations);
      for (const subject of ['alice', '}{', 'a}b{c}', '{}', 'ü']) {
        await shared.end(await leaseOf(shared, subject, [tokenLimit]), {
          requests: 0,
          inputTokens: 1,
          outputTokens: 2,
          costMicros: 0,
        });
        expect(await shared.describe(subject, [tokenLimit])).toMatchObject([{ used: 3, reserved: 0 }]);
      }
    } finally {
      clustered.close();
      await cluster.dispose();
    }
  });
});
