-- Their rows are in the partitions and in the rollups.
SET LOCAL lock_timeout = '5s';

DROP TABLE "unpartitioned_ledger_entries";
DROP TABLE "refusal_sums";
