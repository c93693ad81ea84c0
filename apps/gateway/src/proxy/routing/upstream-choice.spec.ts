import fc from 'fast-check';
import { type Candidate, chooseUpstream } from './upstream-choice.js';

const candidate = fc.record({
  weight: fc.nat({ max: 10 }),
  priority: fc.nat({ max: 3 }),
  inFlight: fc.nat({ max: 50 }),
});
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A generator of its own, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the choice of an upstream', () => {
  it('is one of the first priority that takes anything, or none where there is none', () => {
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 6 }), fc.tuple(draw, draw), (group, draws) => {
        let at = 0;
        const chosen = chooseUpstream(group, () => draws[at++ % 2] ?? 0);
        const willing = group.filter(({ weight }) => weight > 0);
        if (willing.length === 0) return expect(chosen).toBeUndefined();
        expect(willing).toContain(chosen);
        expect(chosen?.priority).toBe(Math.min(...willing.map(({ priority }) => priority)));
      }),
    );
  });

  it('is never the busiest of several for its weight', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 2, maxLength: 6 }), draw, draw, (given, one, two) => {
        const group = given.map(each => ({ ...each, weight: each.weight + 1, priority: 0 }));
        const loads = group.map(({ inFlight, weight }) => inFlight / weight);
        const highest = Math.max(...loads);
        fc.pre(loads.filter(load => load === highest).length === 1);
        const draws = [one, two];
        const chosen = chooseUpstream(group, () => draws.shift() ?? 0);
        expect(group.indexOf(chosen as Candidate)).not.toBe(loads.indexOf(highest));
      }),
    );
  });

  it.each([
    ['one after the other', 1],
    ['many at a time', 60],
  ])('keeps to the weights when requests come %s', (_how, concurrency) => {
    const group = [3, 2, 1].map(weight => ({ weight, priority: 0, inFlight: 0, taken: 0 }));
    const random = seeded(7);
    const running: (typeof group)[number][] = [];
    for (let request = 0; request < 12_000; request += 1) {
      const chosen = chooseUpstream(group, random);
      if (chosen === undefined) throw new Error('nobody was chosen');
      chosen.inFlight += 1;
      chosen.taken += 1;
      running.push(chosen);
      if (running.length >= concurrency) (running.shift() as (typeof group)[number]).inFlight -= 1;
    }
    const shares = group.map(({ taken }) => taken / 12_000);
    [1 / 2, 1 / 3, 1 / 6].forEach((share, index) => expect(Math.abs((shares[index] ?? 0) - share)).toBeLessThan(0.04));
  });

  it('leaves a slow upstream to its own pace', () => {
    const group = [1, 10].map(ticks => ({ weight: 1, priority: 0, inFlight: 0, taken: 0, ticks }));
    const random = seeded(11);
    let ends: { at: number; of: (typeof group)[number] }[] = [];
    for (let tick = 0; tick < 5000; tick += 1) {
      for (const { of } of ends.filter(({ at }) => at <= tick)) of.inFlight -= 1;
      ends = ends.filter(({ at }) => at > tick);
      for (let arrival = 0; arrival < 4; arrival += 1) {
        const of = chooseUpstream(group, random);
        if (of === undefined) throw new Error('nobody was chosen');
        of.inFlight += 1;
        of.taken += 1;
        ends.push({ at: tick + of.ticks, of });
      }
    }
    const [fast, slow] = group;
    expect((slow?.taken ?? 0) / ((fast?.taken ?? 0) + (slow?.taken ?? 0))).toBeLessThan(0.2);
  });
});
