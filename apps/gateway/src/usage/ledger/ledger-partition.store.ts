import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../../platform/database/index.js';
import { monthOf } from './ledger-month.js';

/** The partitions of the ledger, a month each. */
@Injectable()
export class LedgerPartitionStore {
  /** Months that are known to have a partition, by their beginning, so that a batch need not ask. */
  private readonly known = new Set<number>();

  constructor(private readonly database: DatabaseService) {}

  /** Makes the partitions of the months that hold the moments, where there are none. Several replicas may do so at once. */
  async ensure(moments: readonly Date[]): Promise<void> {
    const months = new Set(moments.map(moment => monthOf(moment).getTime()));
    for (const month of months) {
      if (this.known.has(month)) continue;
      await this.database.$executeRaw`SELECT make_ledger_partition(${new Date(month)}::timestamptz)`;
      this.known.add(month);
    }
  }

  /** Trusts what it knows no longer: another replica may have dropped a partition since. */
  forget(): void {
    this.known.clear();
  }

  /**
   * Drops the partitions of the months that were over before the moment.
   * @returns their names
   * @throws where somebody reads or writes the ledger for longer than half a second at a time; nothing is dropped then
   */
  async dropBefore(moment: Date): Promise<string[]> {
    this.forget();
    const dropped = await this.database.$queryRaw<{ name: string }[]>`
      SELECT name FROM drop_ledger_partitions(${moment}::timestamptz) AS name`;
    return dropped.map(({ name }) => name);
  }
}
