import fc from 'fast-check';
import { closedEntryAt, closedJson, openedJson } from './journal.record.js';
import { JournalReplay } from './journal.replay.js';
import { closing, lineOf, openedEntry } from './ledger-entry.fixture.js';

const openedLine = (id: string): string => lineOf(openedJson(openedEntry(id)));
const closedLine = (id: string): string => lineOf(closedJson(openedJson(openedEntry(id)), closing));

/** Ids of what the segments tell, closed or interrupted. */
function replay(segments: readonly Buffer[]) {
  const journal = new JournalReplay<number>();
  const closed = segments.flatMap((bytes, at) =>
    journal.add(at, bytes).map(position => closedEntryAt(bytes, position)!.id),
  );
  return { closed, interrupted: journal.interrupted(new Date(0)).map(({ entry }) => entry.id) };
}

describe('JournalReplay', () => {
  it('ends a request that was never closed as interrupted, charged as it was estimated', () => {
    const journal = new JournalReplay<string>();
    expect(journal.add('first', Buffer.from(openedLine('a')))).toEqual([]);
    const lastWrittenAt = new Date(3_000_000);
    const [ended, ...others] = journal.interrupted(lastWrittenAt);
    expect(others).toEqual([]);
    expect(ended).toMatchObject({ segment: 'first', entry: { id: 'a' } });
    expect(JSON.parse(ended!.entry.json)).toMatchObject({
      id: 'a',
      subject: 'alice',
      outcome: 'interrupted',
      usageSource: 'estimated',
      inputTokens: 10,
      outputTokens: 100,
      costMicros: 7,
      endedAt: lastWrittenAt.toISOString(),
    });
  });

  it('never ends a request before it began, whatever the clock of the disk says', () => {
    const journal = new JournalReplay<string>();
    journal.add('first', Buffer.from(openedLine('a')));
    const { startedAt } = openedEntry('a');
    const [ended] = journal.interrupted(new Date(0));
    expect(JSON.parse(ended!.entry.json)).toMatchObject({ endedAt: startedAt.toISOString() });
  });

  it('takes a request that was carried forward and then closed for one that is closed', () => {
    const segments = [openedLine('a') + openedLine('b'), openedLine('a') + closedLine('a')].map(text =>
      Buffer.from(text),
    );
    expect(replay(segments)).toEqual({ closed: ['a'], interrupted: ['b'] });
  });

  it('tells each request once, closed or interrupted, however segments interleave and whatever is damaged', () => {
    const requests = fc.array(
      fc.record({ segment: fc.nat(2), carried: fc.boolean(), closed: fc.boolean(), order: fc.nat(3) }),
      { maxLength: 12 },
    );
    const damage = fc.option(fc.record({ segment: fc.nat(3), at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) }));
    fc.assert(
      fc.property(requests, damage, (made, flip) => {
        const lines: { order: number; segment: number; text: string }[] = [];
        made.forEach(({ segment, carried, closed, order }, index) => {
          const id = `request-${index}`;
          const last = carried ? segment + 1 : segment;
          lines.push({ order, segment, text: openedLine(id) });
          if (carried) lines.push({ order: order + 1, segment: last, text: openedLine(id) });
          if (closed) lines.push({ order: order + 2, segment: last, text: closedLine(id) });
        });
        lines.sort((one, other) => one.order - other.order);
        const segments = [0, 1, 2, 3].map(at =>
          Buffer.from(
            lines
              .filter(line => line.segment === at)
              .map(line => line.text)
              .join(''),
          ),
        );
        const damaged = flip === null ? undefined : segments[flip.segment];
        if (damaged !== undefined && flip !== null && damaged.length > 0)
          damaged[flip.at % damaged.length] = (damaged[flip.at % damaged.length] ?? 0) ^ flip.mask;
        const { closed, interrupted } = replay(segments);
        const told = [...closed, ...interrupted];
        expect(new Set(told).size).toBe(told.length);
        expect(told.length).toBeGreaterThanOrEqual(made.length - (flip === null ? 0 : 1));
        if (flip === null)
          expect(closed.sort()).toEqual(made.flatMap((request, at) => (request.closed ? `request-${at}` : [])).sort());
      }),
      { numRuns: 500 },
    );
  });
});
