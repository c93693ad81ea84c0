import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Tier } from './tier.js';
import { resolveTier } from './tier-resolution.js';

const tier = (name: string, level: number, groups: string[]): Tier => ({
  name,
  displayName: name,
  description: '',
  level,
  strict: false,
  groups,
  limits: [],
});

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Tiers, some of one level, each with groups that lead to it alone. */
const tiersArbitrary = fc
  .tuple(fc.array(fc.nat(3), { maxLength: 4 }), fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }))
  .map(([levels, owners]) =>
    levels.map((level, index) =>
      tier(
        `tier-${index}`,
        level,
        GROUPS.filter((_, at) => owners[at] === index),
      ),
    ),
  );
const groupsArbitrary = fc.subarray([...GROUPS, 'unknown']);

describe('the tier of a principal', () => {
  it('is the highest that a group leads to', () => {
    fc.assert(
      fc.property(tiersArbitrary, groupsArbitrary, (tiers, groups) => {
        const reached = tiers.filter(({ groups: own }) => own.some(group => groups.includes(group)));
        const resolved = resolveTier(tiers, { groups, tierOverride: null });
        expect(resolved?.tier.level).toBe(
          reached.length === 0 ? undefined : Math.max(...reached.map(({ level }) => level)),
        );
      }),
    );
  });

  it('is the first by name among those of one level, in whichever order they are given', () => {
    fc.assert(
      fc.property(tiersArbitrary, groupsArbitrary, (tiers, groups) => {
        const reached = tiers.filter(({ groups: own }) => own.some(group => groups.includes(group)));
        const highest = Math.max(...reached.map(({ level }) => level));
        const [first] = reached.filter(({ level }) => level === highest).map(({ name }) => name);
        const reversed = [...tiers].reverse();
        for (const given of [tiers, reversed])
          expect(resolveTier(given, { groups, tierOverride: null })?.tier.name).toBe(first);
      }),
    );
  });

  it('is because of a group that the principal is in and that leads there', () => {
    fc.assert(
      fc.property(tiersArbitrary, groupsArbitrary, (tiers, groups) => {
        const resolved = resolveTier(tiers, { groups, tierOverride: null });
        if (resolved === undefined) return;
        const { group } = resolved.because as { group: string };
        expect(groups).toContain(group);
        expect(resolved.tier.groups).toContain(group);
      }),
    );
  });

  it('is the override, whatever the groups say', () => {
    const tiers = [tier('low', 1, ['a']), tier('high', 2, ['b'])];
    expect(resolveTier(tiers, { groups: ['b'], tierOverride: 'low' })).toEqual({
      tier: tiers[0],
      because: { override: true },
    });
  });

  it('follows the groups where the override names no tier', () => {
    const tiers = [tier('low', 1, ['a'])];
    expect(resolveTier(tiers, { groups: ['a'], tierOverride: 'gone' })).toEqual({
      tier: tiers[0],
      because: { group: 'a' },
    });
  });

  it('is none where nothing leads to one', () => {
    expect(resolveTier([tier('low', 1, ['a'])], { groups: ['gardeners'], tierOverride: null })).toBeUndefined();
  });
});
