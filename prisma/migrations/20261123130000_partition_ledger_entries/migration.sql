-- Makes a partitioned ledger beside the old one, which keeps its rows until the next migration but one has moved them.
-- A gateway of the version before cannot write in between: it keeps its entries in its journal.
SET LOCAL lock_timeout = '5s';

ALTER TABLE "ledger_entries" RENAME TO "unpartitioned_ledger_entries";
ALTER TABLE "unpartitioned_ledger_entries" DROP CONSTRAINT "ledger_entries_pkey";
DROP INDEX "ledger_entries_subject_started_at_id_idx";
DROP INDEX "ledger_entries_ended_at_idx";

CREATE TABLE "ledger_entries" (
    "id" UUID NOT NULL,
    "request_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "first_byte_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "credential_type" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "upstream" TEXT,
    "endpoint" TEXT NOT NULL,
    "streamed" BOOLEAN NOT NULL,
    "outcome" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "cached_input_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "usage_source" TEXT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "bytes_in" BIGINT NOT NULL,
    "bytes_out" BIGINT NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id", "started_at"),
    CONSTRAINT "ledger_entries_credential_type_known" CHECK ("credential_type" IN ('token', 'api_key')),
    CONSTRAINT "ledger_entries_outcome_known" CHECK ("outcome" IN ('completed', 'client_aborted', 'upstream_failed', 'timed_out', 'interrupted')),
    CONSTRAINT "ledger_entries_usage_source_known" CHECK ("usage_source" IN ('reported', 'counted', 'estimated', 'none')),
    CONSTRAINT "ledger_entries_counts_not_negative" CHECK (
        "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0
        AND "cost_micros" >= 0 AND "bytes_in" >= 0 AND "bytes_out" >= 0
    )
) PARTITION BY RANGE ("started_at");

CREATE INDEX "ledger_entries_subject_started_at_id_idx" ON "ledger_entries"("subject", "started_at" DESC, "id" DESC);
CREATE INDEX "ledger_entries_started_at_id_idx" ON "ledger_entries"("started_at" DESC, "id" DESC);
CREATE INDEX "ledger_entries_ended_at_idx" ON "ledger_entries"("ended_at");

-- Makes the partition of the month that holds the moment, where there is none. It is made beside the ledger and then
-- attached, because CREATE TABLE … PARTITION OF would lock out every reader and writer, and ATTACH locks out none.
CREATE FUNCTION "make_ledger_partition"("moment" timestamptz) RETURNS void LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
    month timestamptz := date_trunc('month', moment, 'UTC');
    next_month timestamptz := date_trunc('month', month + interval '32 days', 'UTC');
    partition text := 'ledger_entries_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    -- Replicas that need the same month at once: one makes it, the others find it made.
    PERFORM pg_advisory_xact_lock(7211630119);
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE %I (LIKE ledger_entries INCLUDING CONSTRAINTS INCLUDING INDEXES)', partition);
    EXECUTE format('ALTER TABLE ledger_entries ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, month, next_month);
END
$$;

-- Drops the partitions of the months that ended before the moment, and tells their names. DROP locks the whole ledger for
-- a moment, and what waits for a lock holds up all who come after it: rather than wait, it fails and is tried again later.
CREATE FUNCTION "drop_ledger_partitions"("before" timestamptz) RETURNS SETOF text LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
DECLARE
    partition text;
BEGIN
    PERFORM pg_advisory_xact_lock(7211630119);
    FOR partition IN
        SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'ledger_entries'::regclass
            AND child.relname < 'ledger_entries_' || to_char(before AT TIME ZONE 'UTC', 'YYYY_MM')
        ORDER BY child.relname
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        RETURN NEXT partition;
    END LOOP;
END
$$;
