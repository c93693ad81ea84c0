import fc from 'fast-check';
import {
  closedJson,
  closedEntryAt,
  closedLineMaxBytes,
  decodeRecords,
  lineBytes,
  openedJson,
  textOf,
  writeLine,
} from './journal.record.js';
import type { Closing, OpenedEntry } from './ledger-entry.js';
import { closing, lineOf, openedEntry } from './ledger-entry.fixture.js';

const ids = ['a', 'b', 'c', 'd'];
const opened = ids.map(openedEntry);
const entries = opened.slice(0, 3).map(request => ({
  id: request.id,
  startedAt: request.startedAt,
  json: closedJson(openedJson(request), closing),
}));
const lines = [...opened.map(request => lineOf(openedJson(request))), ...entries.map(({ json }) => lineOf(json))];
const segment = Buffer.concat([Buffer.from(lines.join('')), Buffer.alloc(500)]);
const writtenBytes = segment.length - 500;

/** The closed record at a position, its JSON as text. */
function closedAt(bytes: Buffer, position: number) {
  const entry = closedEntryAt(bytes, position);
  return entry && { ...entry, json: textOf(entry.json) };
}

/** How many of the records touch one of the bytes. */
function touched(positions: readonly number[]): number {
  let from = 0;
  return lines.filter(line => {
    const to = from + Buffer.byteLength(line);
    const hit = positions.some(at => at >= from && at < to);
    from = to;
    return hit;
  }).length;
}

/** Only what was written, each at most once; nothing is made up. */
function readFrom(bytes: Buffer): number {
  const read = decodeRecords(bytes);
  for (const [id, request] of read.opened) expect(request.opened).toEqual(openedEntry(id));
  for (const position of read.closed.values()) expect(entries).toContainEqual(closedAt(bytes, position));
  return read.opened.size + read.closed.size;
}

describe('journal records', () => {
  it('are read back as they were written, and the zeros after them are nothing', () => {
    const read = decodeRecords(segment);
    expect([...read.opened.values()]).toEqual(opened.map(request => ({ opened: request, json: openedJson(request) })));
    expect([...read.closed.values()].map(position => closedAt(segment, position))).toEqual(entries);
  });

  it('tell their length', () => {
    for (const request of opened) {
      const json = openedJson(request);
      expect(lineBytes(json)).toBe(Buffer.byteLength(lineOf(json)));
    }
  });

  it('are the JSON of what they are made of, whatever its texts hold', () => {
    const text = fc.string({ unit: 'binary' });
    const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    const texts = fc.record({ requestId: text, subject: text, tier: text, model: text, startedAt: time });
    fc.assert(
      fc.property(texts, time, (fields, endedAt) => {
        const request: OpenedEntry = { ...openedEntry('a'), ...fields };
        const end: Closing = { ...closing, firstByteAt: endedAt, endedAt };
        expect(JSON.parse(openedJson(request))).toEqual(JSON.parse(JSON.stringify(request)));
        expect(JSON.parse(closedJson(openedJson(request), end))).toEqual(
          JSON.parse(JSON.stringify({ ...request, ...end })),
        );
      }),
    );
  });

  it('are refused where there is no room for them', () => {
    const json = openedJson(openedEntry('a'));
    const bytes = lineBytes(json);
    for (let room = 0; room < bytes; room++)
      expect(() => writeLine(Buffer.alloc(7 + room), 7, json)).toThrow(RangeError);
    expect(writeLine(Buffer.alloc(7 + bytes), 7, json)).toBe(bytes);
  });

  it('lose at most the torn one, wherever the segment is cut', () => {
    fc.assert(
      fc.property(fc.nat(segment.length), length => {
        let from = 0;
        const whole = lines.filter(line => (from += Buffer.byteLength(line)) <= length).length;
        expect(readFrom(segment.subarray(0, length))).toBeGreaterThanOrEqual(whole);
      }),
    );
  });

  it('lose at most the damaged ones, whatever bytes are flipped', () => {
    const flips = fc.array(fc.record({ at: fc.nat(segment.length - 1), mask: fc.integer({ min: 1, max: 255 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(flips, damage => {
        const damaged = Buffer.from(segment);
        for (const { at, mask } of damage) damaged[at] = (damaged[at] ?? 0) ^ mask;
        const lost = touched(damage.map(({ at }) => at).filter(at => at < writtenBytes));
        expect(readFrom(damaged)).toBeGreaterThanOrEqual(lines.length - lost);
      }),
      { numRuns: 1000 },
    );
  });

  it('are read one by one as they were written, whatever their texts hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(',"outcome":"', '"startedAt":"1970"', 'plain-1.2_3'),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ id: fc.uuid(), requestId: text, subject: text, model: text })), all => {
        const jsons = all.map(fields => closedJson(openedJson({ ...openedEntry('a'), ...fields }), closing));
        const bytes = Buffer.from(jsons.map(lineOf).join(''));
        let position = 0;
        jsons.forEach((json, index) => {
          const { startedAt } = openedEntry('a');
          expect(closedAt(bytes, position)).toEqual({ id: all[index]!.id, startedAt, json });
          position += lineBytes(json);
        });
      }),
    );
  });

  it('are nothing in bytes that nobody wrote', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => expect(readFrom(Buffer.from(bytes))).toBe(0)));
  });

  it('never outgrow the room that was set aside for them', () => {
    const number = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.constant(1.2345678901234567e300));
    const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    const longest: fc.Arbitrary<Closing> = fc.record({
      firstByteAt: fc.option(time),
      endedAt: time,
      upstream: fc.option(fc.uuid()),
      upstreamModel: fc.option(fc.string({ unit: fc.constantFrom('a', '\0', '\u00e9'), maxLength: 255, size: 'max' })),
      attempts: fc.option(fc.nat(3)),
      outcome: fc.constantFrom('completed', 'client_aborted', 'upstream_failed', 'timed_out', 'interrupted'),
      status: fc.integer({ min: 100, max: 599 }),
      inputTokens: number,
      cachedInputTokens: number,
      outputTokens: number,
      reasoningTokens: number,
      usageSource: fc.constantFrom('reported', 'counted', 'estimated', 'none'),
      costMicros: number,
      bytesOut: number,
    });
    fc.assert(
      fc.property(longest, what => {
        const json = openedJson(openedEntry('a'));
        expect(lineBytes(closedJson(json, what))).toBeLessThanOrEqual(closedLineMaxBytes(lineBytes(json)));
      }),
    );
  });
});
