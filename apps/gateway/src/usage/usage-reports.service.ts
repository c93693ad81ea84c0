import { Injectable, StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { type Page, pageOf } from '../platform/http/index.js';
import { csvTable } from './csv.js';
import { LedgerWriter } from './ledger/ledger.writer.js';
import { Refusals } from './refusals.service.js';
import { UsageEntries } from './usage-entries.store.js';
import type { UsageFilter } from './usage-filter.js';
import { UsageSums } from './usage-sums.store.js';
import { cursorOf, placeOf } from './sum-cursor.js';
import type { EntryOnTheWire, GroupKey, SumPage, SumsOnTheWire, UsageSum } from './usage.schemas.js';
import { entryColumns, entryOf, sumColumns, sumOf } from './usage.wire.js';

const MAX_SUMS = 10_000;
/** Rows; what a page of them costs stands in the way of the data plane for some 10 ms. */
const EXPORT_PAGE = 250;
/** How long a reader waits for what is not written yet; where Postgres is that slow, what it has must do. */
const CATCH_UP_MS = 1000;

const fileOf = (text: AsyncIterable<string>, name: string): StreamableFile =>
  new StreamableFile(Readable.from(text), {
    type: 'text/csv; charset=utf-8',
    disposition: `attachment; filename="${name}.csv"`,
  });

/** What the ledger tells a reader, who finds in it what they have just done. */
@Injectable()
export class UsageReports {
  constructor(
    private readonly usage: UsageSums,
    private readonly requests: UsageEntries,
    private readonly ledger: LedgerWriter,
    private readonly refusals: Refusals,
  ) {}

  /** @throws ApiError 400 where `after` is no cursor of sums by these keys */
  async sums(filter: UsageFilter, keys: readonly GroupKey[], { limit, after }: SumPage): Promise<SumsOnTheWire> {
    const place = after === undefined ? undefined : placeOf(after, keys);
    await this.catchUp();
    const most = limit ?? MAX_SUMS;
    const { data: rows, ...page } = pageOf(await this.usage.sums(filter, keys, most + 1, 0, place), most);
    const last = page.has_more ? rows.at(-1) : undefined;
    const next = last && cursorOf(last, keys);
    return { ...page, data: rows.map(row => sumOf(row, keys)), ...(next !== undefined && { next }) };
  }

  async sumsAsCsv(filter: UsageFilter, keys: readonly GroupKey[]): Promise<StreamableFile> {
    await this.catchUp();
    return fileOf(await csvTable(sumColumns(keys), this.sumPages(filter, keys)), 'usage');
  }

  async entries(filter: UsageFilter, limit: number, after?: string): Promise<Page<EntryOnTheWire>> {
    await this.catchUp();
    const cursor = after === undefined ? undefined : await this.requests.cursorOf(after);
    // Nothing is below an entry that there is not.
    if (after !== undefined && cursor === undefined) return pageOf([], limit);
    const rows = await this.requests.entries(filter, limit + 1, cursor);
    return pageOf(rows.map(entryOf), limit);
  }

  /** All of them from there on, whatever the page. */
  async entriesAsCsv(filter: UsageFilter, after?: string): Promise<StreamableFile> {
    await this.catchUp();
    return fileOf(await csvTable(entryColumns, this.entryPages(filter, after)), 'requests');
  }

  private async *sumPages(filter: UsageFilter, keys: readonly GroupKey[]): AsyncGenerator<UsageSum[], void> {
    for (let offset = 0; ; offset += MAX_SUMS) {
      const rows = await this.usage.sums(filter, keys, MAX_SUMS, offset);
      yield rows.map(row => sumOf(row, keys));
      if (rows.length < MAX_SUMS) return;
    }
  }

  private async *entryPages(filter: UsageFilter, after: string | undefined): AsyncGenerator<EntryOnTheWire[], void> {
    let cursor = after === undefined ? undefined : await this.requests.cursorOf(after);
    if (after !== undefined && cursor === undefined) return;
    for (;;) {
      const rows = await this.requests.entries(filter, EXPORT_PAGE, cursor);
      yield rows.map(entryOf);
      if (rows.length < EXPORT_PAGE) return;
      cursor = rows.at(-1);
    }
  }

  private async catchUp(): Promise<void> {
    await Promise.all([this.ledger.flushWithin(CATCH_UP_MS), this.refusals.flushWithin(CATCH_UP_MS)]);
  }
}
