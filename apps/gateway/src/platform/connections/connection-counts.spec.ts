import fc from 'fast-check';
import { ConnectionCounts } from './connection-counts.js';

describe('counts of connections', () => {
  it('never pass a limit, refuse nothing below one, and forget what has closed', () => {
    const network = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    const step = fc.record({ opens: fc.boolean(), network, which: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const counts = new ConnectionCounts(10, 4);
        const open: (string | undefined)[] = [];
        for (const { opens, network: from, which } of steps) {
          if (opens) {
            const same = open.filter(one => one === from).length;
            const expected = open.length === 10 ? 'all' : from !== undefined && same === 4 ? 'address' : undefined;
            expect(counts.add(from)).toBe(expected);
            if (expected === undefined) open.push(from);
          } else if (open.length > 0) {
            const [closed] = open.splice(which % open.length, 1);
            counts.remove(closed);
          }
          expect(counts.open).toBe(open.length);
        }
        for (const one of open) counts.remove(one);
        expect(counts).toEqual(new ConnectionCounts(10, 4));
      }),
    );
  });
});
