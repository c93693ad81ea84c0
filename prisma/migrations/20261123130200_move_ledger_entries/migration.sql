-- Moves the rows of the unpartitioned ledger into the partitions and makes the rollups of them. Neither old table is
-- written to any more, and nobody reads the new ones before the gateway of this version has started.
SELECT "make_ledger_partition"("month") FROM (
    SELECT DISTINCT date_trunc('month', "started_at", 'UTC') AS "month" FROM "unpartitioned_ledger_entries" ORDER BY "month"
) AS "months";

INSERT INTO "ledger_entries" (
    "id", "request_id", "started_at", "first_byte_at", "ended_at", "subject", "tier", "credential_type", "credential_id", "model", "upstream", "endpoint",
    "streamed", "outcome", "status", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "usage_source", "cost_micros", "bytes_in", "bytes_out")
SELECT
    "id", "request_id", "started_at", "first_byte_at", "ended_at", "subject", "tier", "credential_type", "credential_id", "model", "upstream", "endpoint",
    "streamed", "outcome", "status", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "usage_source", "cost_micros", "bytes_in", "bytes_out"
FROM "unpartitioned_ledger_entries";

INSERT INTO "usage_hourly" (
    "starts_at", "subject", "tier", "model", "credential_type", "credential_id",
    "requests", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros", "refused_requests", "refused_tokens", "refused_concurrency", "refused_access")
SELECT date_trunc('hour', "started_at", 'UTC'), "subject", "tier", "model", "credential_type", "credential_id",
    count(*), sum("input_tokens"), sum("cached_input_tokens"), sum("output_tokens"), sum("reasoning_tokens"), sum("cost_micros"), 0, 0, 0, 0
FROM "unpartitioned_ledger_entries" GROUP BY 1, 2, 3, 4, 5, 6
UNION ALL
SELECT "hour", "subject", "tier", "model", 'none', '', 0, 0, 0, 0, 0, 0,
    coalesce(sum("count") FILTER (WHERE "reason" = 'requests'), 0), coalesce(sum("count") FILTER (WHERE "reason" = 'tokens'), 0),
    coalesce(sum("count") FILTER (WHERE "reason" = 'concurrency'), 0), coalesce(sum("count") FILTER (WHERE "reason" = 'access'), 0)
FROM "refusal_sums" GROUP BY 1, 2, 3, 4;

INSERT INTO "usage_daily" (
    "starts_at", "subject", "tier", "model", "credential_type", "credential_id",
    "requests", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros", "refused_requests", "refused_tokens", "refused_concurrency", "refused_access")
SELECT date_trunc('day', "starts_at", 'UTC'), "subject", "tier", "model", "credential_type", "credential_id",
    sum("requests"), sum("input_tokens"), sum("cached_input_tokens"), sum("output_tokens"), sum("reasoning_tokens"), sum("cost_micros"), sum("refused_requests"), sum("refused_tokens"), sum("refused_concurrency"), sum("refused_access")
FROM "usage_hourly" GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO "usage_hourly_totals" (
    "starts_at", "tier", "model",
    "requests", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros", "refused_requests", "refused_tokens", "refused_concurrency", "refused_access")
SELECT "starts_at", "tier", "model",
    sum("requests"), sum("input_tokens"), sum("cached_input_tokens"), sum("output_tokens"), sum("reasoning_tokens"), sum("cost_micros"), sum("refused_requests"), sum("refused_tokens"), sum("refused_concurrency"), sum("refused_access")
FROM "usage_hourly" GROUP BY 1, 2, 3;

INSERT INTO "usage_daily_totals" (
    "starts_at", "tier", "model",
    "requests", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_micros", "refused_requests", "refused_tokens", "refused_concurrency", "refused_access")
SELECT date_trunc('day', "starts_at", 'UTC'), "tier", "model",
    sum("requests"), sum("input_tokens"), sum("cached_input_tokens"), sum("output_tokens"), sum("reasoning_tokens"), sum("cost_micros"), sum("refused_requests"), sum("refused_tokens"), sum("refused_concurrency"), sum("refused_access")
FROM "usage_hourly_totals" GROUP BY 1, 2, 3;
