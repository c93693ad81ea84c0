import fc from 'fast-check';
import { RETRIES, RetryBudget } from './retry-budget.js';
import { UpstreamHealth } from './upstream-health.js';
import { type RouteContext, UpstreamRoute } from './upstream-route.js';

const upstream = (id: string, priority = 0, weight = 1) => ({ id, priority, weight });

/** A world whose time stands until it is moved. */
function worldOf(): RouteContext & { nowMs: number } {
  const healths = new Map<string, UpstreamHealth>();
  return {
    nowMs: 0,
    budget: new RetryBudget(),
    healthOf: id => {
      const health = healths.get(id) ?? new UpstreamHealth();
      healths.set(id, health);
      return health;
    },
    now: () => 0,
    random: () => 0.5,
  };
}

const contextOf = (world: ReturnType<typeof worldOf>): RouteContext => ({ ...world, now: () => world.nowMs });

describe('the route of a request', () => {
  it('asks each upstream once at most, the first priority first', () => {
    const route = new UpstreamRoute([upstream('c', 1), upstream('a'), upstream('b')], contextOf(worldOf()));
    const asked = [route.first(), route.retry(), route.retry(), route.retry()].map(leg => leg?.upstream.id);
    expect(asked.slice(0, 2).sort()).toEqual(['a', 'b']);
    expect(asked.slice(2)).toEqual(['c', undefined]);
    expect(route.attempts).toBe(3);
  });

  it('ends after three attempts, however many upstreams there are', () => {
    const route = new UpstreamRoute(
      ['a', 'b', 'c', 'd', 'e'].map(id => upstream(id)),
      contextOf(worldOf()),
    );
    const asked = [route.first(), route.retry(), route.retry(), route.retry()];
    expect(asked.map(leg => leg !== undefined)).toEqual([true, true, true, false]);
  });

  it('leads nowhere where all are unhealthy, and back when one may be tried', () => {
    const world = worldOf();
    const next = () => new UpstreamRoute([upstream('a')], contextOf(world)).first();
    for (let time = 0; time < 5; time += 1) next()?.end({ verdict: 'failed' });
    expect(next()).toBeUndefined();
    world.nowMs = 1000;
    const probe = next();
    expect(probe).toBeDefined();
    expect(next()).toBeUndefined();
    // It answers: others need not wait until this one has been answered in full.
    probe?.answered();
    expect(next()).toBeDefined();
  });

  it('passes by an upstream that wants to be left alone', () => {
    const world = worldOf();
    const upstreams = [upstream('a'), upstream('b', 1)];
    new UpstreamRoute(upstreams, contextOf(world)).first()?.end({ verdict: 'unknown', coolDownMs: 2000 });
    expect(new UpstreamRoute(upstreams, contextOf(world)).first()?.upstream.id).toBe('b');
    world.nowMs = 2000;
    expect(new UpstreamRoute(upstreams, contextOf(world)).first()?.upstream.id).toBe('a');
  });

  it('takes nothing to a weight of zero', () => {
    expect(new UpstreamRoute([upstream('a', 0, 0)], contextOf(worldOf())).first()).toBeUndefined();
  });

  it('sends no more than 1.2 times the requests of any 500, when all upstreams fail whatever they are sent', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3000 }), { maxLength: 500 }), waits => {
        const world = worldOf();
        const upstreams = [upstream('a'), upstream('b'), upstream('c', 1)];
        let attempts = 0;
        for (const waitMs of waits) {
          world.nowMs += waitMs;
          const route = new UpstreamRoute(upstreams, contextOf(world));
          for (let leg = route.first(); leg !== undefined; leg = route.retry()) leg.end({ verdict: 'failed' });
          attempts += route.attempts;
        }
        expect(attempts).toBeLessThanOrEqual(waits.length + RETRIES.retries);
      }),
    );
  });

  it('holds an error of its own against an upstream where another answers, and not where the request is at fault', () => {
    const upstreams = [upstream('a'), upstream('b', 1)];
    const world = worldOf();
    const stateOfA = () => world.healthOf('a').state(0);
    for (let time = 0; time < 5; time += 1) {
      const route = new UpstreamRoute(upstreams, contextOf(world));
      route.first()?.end({ verdict: 'suspect' });
      route.retry()?.end({ verdict: 'suspect' });
    }
    expect(stateOfA()).toBe('closed');
    for (let time = 0; time < 5; time += 1) {
      const route = new UpstreamRoute(upstreams, contextOf(world));
      route.first()?.end({ verdict: 'suspect' });
      const other = route.retry();
      other?.answered();
      other?.end({ verdict: 'healthy' });
    }
    expect(stateOfA()).toBe('open');
    expect(world.healthOf('b').state(0)).toBe('closed');
  });

  it('leaves nothing running', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('healthy', 'failed', 'suspect', 'unknown'), { maxLength: 100 }),
        verdicts => {
          const world = worldOf();
          const upstreams = [upstream('a'), upstream('b')];
          for (const verdict of verdicts) {
            const leg = new UpstreamRoute(upstreams, contextOf(world)).first();
            if (verdict === 'healthy') leg?.answered();
            leg?.end({ verdict });
            world.nowMs += 100;
          }
          expect(upstreams.map(({ id }) => world.healthOf(id).inFlight)).toEqual([0, 0]);
        },
      ),
    );
  });
});
