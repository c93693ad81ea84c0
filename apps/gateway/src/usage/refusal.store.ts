import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/index.js';

export type RefusalReason = 'requests' | 'tokens' | 'concurrency' | 'access';

/** How often, within the hour that begins at `hour`, something was refused. */
export interface RefusalSum {
  hour: Date;
  subject: string;
  tier: string;
  model: string;
  reason: RefusalReason;
  count: number;
}

@Injectable()
export class RefusalStore {
  constructor(private readonly database: DatabaseService) {}

  /** Adds to what is there. In the order of the key, so that replicas that write the same rows never deadlock. */
  async add(sums: readonly RefusalSum[]): Promise<void> {
    await this.database.$executeRaw`
      INSERT INTO refusal_sums (subject, hour, tier, model, reason, count)
      SELECT subject, hour, tier, model, reason, count
      FROM json_to_recordset(${JSON.stringify(sums)}::json)
        AS sum (subject text, hour timestamptz, tier text, model text, reason text, count bigint)
      ORDER BY subject, hour, tier, model, reason
      ON CONFLICT (subject, hour, tier, model, reason) DO UPDATE SET count = refusal_sums.count + excluded.count`;
  }
}
