import { Injectable } from '@nestjs/common';
import { DatabaseService, Prisma } from '../../platform/database/index.js';
import { partMsOf, type PastUse, type WindowKind } from '../../tiers/index.js';

const PAGE = 10_000;
const TIMEOUT_MS = 10 * 60_000;
/** No request runs longer; it lets Postgres leave out the partitions that are older. */
const LONGEST_REQUEST_MS = 86_400_000;

interface Row extends Omit<PastUse, 'atMs'> {
  part: number;
}

/** What was used according to the ledger, as the windows of the limits keep it: by subject and part of a window. */
@Injectable()
export class ConsumptionStore {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Hands pages of what a window of the kind holds at `nowMs` to `take`: requests when they were admitted, all else when
   * it was used. Each is told at the end of its part, so that it does not leave its window early.
   * @param nowMs milliseconds since the epoch; what ended later is left out, where `Infinity` leaves out nothing
   */
  async sumUp(
    { windowMs, modelId }: WindowKind,
    { nowMs, endedByMs }: { nowMs: number; endedByMs: number },
    take: (page: PastUse[]) => void | Promise<void>,
  ): Promise<void> {
    const partMs = partMsOf(windowMs);
    const since = new Date(nowMs - windowMs - partMs);
    const ofModel = modelId === null ? Prisma.empty : Prisma.sql`AND model = ${modelId}`;
    const ended = Number.isFinite(endedByMs)
      ? Prisma.sql`AND ended_at <= ${new Date(endedByMs)}::timestamptz`
      : Prisma.empty;
    const partOf = (time: Prisma.Sql): Prisma.Sql =>
      Prisma.sql`floor(extract(epoch FROM ${time}) * 1000 / ${partMs}::float8)`;
    const sums = Prisma.sql`
      SELECT subject, part::float8, sum(requests)::float8 AS requests, sum(input)::float8 AS "inputTokens",
        sum(output)::float8 AS "outputTokens", sum(cost)::float8 AS "costMicros"
      FROM (
        SELECT subject, ${partOf(Prisma.sql`started_at`)} AS part, 1 AS requests, 0 AS input, 0 AS output, 0::bigint AS cost
        FROM ledger_entries WHERE started_at >= ${since}::timestamptz ${ofModel} ${ended}
        UNION ALL
        SELECT subject, ${partOf(Prisma.sql`ended_at`)}, 0, input_tokens, output_tokens, cost_micros
        FROM ledger_entries WHERE ended_at >= ${since}::timestamptz
          AND started_at >= ${new Date(since.getTime() - LONGEST_REQUEST_MS)}::timestamptz ${ofModel} ${ended}
      ) AS used GROUP BY subject, part`;
    // By a cursor, because a month of everybody is more than the memory should hold at once.
    await this.database.$transaction(
      async transaction => {
        await transaction.$executeRaw`DECLARE consumption NO SCROLL CURSOR FOR ${sums}`;
        for (;;) {
          const rows = await transaction.$queryRaw<Row[]>`FETCH ${Prisma.raw(String(PAGE))} FROM consumption`;
          await take(rows.map(({ part, ...row }) => ({ ...row, atMs: (part + 1) * partMs - 1 })));
          if (rows.length < PAGE) return;
        }
      },
      { timeout: TIMEOUT_MS },
    );
  }
}
