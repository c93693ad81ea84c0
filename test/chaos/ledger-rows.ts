import type { PostgresServer } from '../support/postgres-server.js';

/** A ledger entry, straight from its table, where a doubled one cannot hide behind a query of the gateway's. */
export interface LedgerRow {
  id: string;
  requestId: string;
  outcome: string;
  status: number;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
  startedAt: Date;
}

const ROWS = `
  SELECT id, request_id AS "requestId", outcome, status, input_tokens AS "inputTokens", output_tokens AS "outputTokens",
    usage_source AS "usageSource", started_at AS "startedAt"
  FROM ledger_entries ORDER BY started_at, id`;

export function readLedger(postgres: PostgresServer, database: string): Promise<LedgerRow[]> {
  return postgres.query<LedgerRow>(database, ROWS);
}
