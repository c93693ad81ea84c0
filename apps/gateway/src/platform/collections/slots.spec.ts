import fc from 'fast-check';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('hold what a set would hold', () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), item: fc.nat(8) }));
    fc.assert(
      fc.property(steps, course => {
        const items = Array.from({ length: 9 }, (_, name) => ({ name, slot: 0 }));
        const slots = new Slots<{ name: number; slot: number }>();
        const model = new Set<number>();
        for (const { add, item } of course) {
          const one = items[item]!;
          if (!add) expect(slots.delete(one)).toBe(model.delete(item));
          else if (!model.has(item)) {
            slots.add(one);
            model.add(item);
          }
          expect(slots.size).toBe(model.size);
        }
        expect(
          slots
            .all()
            .map(({ name }) => name)
            .sort(),
        ).toEqual([...model].sort());
      }),
    );
  });
});
