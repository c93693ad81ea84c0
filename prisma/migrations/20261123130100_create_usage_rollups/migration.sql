-- The rows of the present hour and day are updated with every batch of entries. Room on their pages keeps those updates
-- on the page and out of the indexes; hence the fill factor.

CREATE TABLE "usage_hourly" (
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "credential_type" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "refused_requests" BIGINT NOT NULL,
    "refused_tokens" BIGINT NOT NULL,
    "refused_concurrency" BIGINT NOT NULL,
    "refused_access" BIGINT NOT NULL,

    CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("subject", "starts_at", "tier", "model", "credential_type", "credential_id"),
    CONSTRAINT "usage_hourly_credential_type_known" CHECK ("credential_type" IN ('token', 'api_key', 'none')),
    CONSTRAINT "usage_hourly_counts_not_negative" CHECK (
        "requests" >= 0 AND "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0 AND "cost_micros" >= 0
        AND "refused_requests" >= 0 AND "refused_tokens" >= 0 AND "refused_concurrency" >= 0 AND "refused_access" >= 0
    )
) WITH (fillfactor = 80);

CREATE INDEX "usage_hourly_starts_at_idx" ON "usage_hourly"("starts_at");

CREATE TABLE "usage_hourly_totals" (
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "tier" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "refused_requests" BIGINT NOT NULL,
    "refused_tokens" BIGINT NOT NULL,
    "refused_concurrency" BIGINT NOT NULL,
    "refused_access" BIGINT NOT NULL,

    CONSTRAINT "usage_hourly_totals_pkey" PRIMARY KEY ("starts_at", "tier", "model"),
    CONSTRAINT "usage_hourly_totals_counts_not_negative" CHECK (
        "requests" >= 0 AND "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0 AND "cost_micros" >= 0
        AND "refused_requests" >= 0 AND "refused_tokens" >= 0 AND "refused_concurrency" >= 0 AND "refused_access" >= 0
    )
) WITH (fillfactor = 80);

CREATE TABLE "usage_daily" (
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "credential_type" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "refused_requests" BIGINT NOT NULL,
    "refused_tokens" BIGINT NOT NULL,
    "refused_concurrency" BIGINT NOT NULL,
    "refused_access" BIGINT NOT NULL,

    CONSTRAINT "usage_daily_pkey" PRIMARY KEY ("subject", "starts_at", "tier", "model", "credential_type", "credential_id"),
    CONSTRAINT "usage_daily_credential_type_known" CHECK ("credential_type" IN ('token', 'api_key', 'none')),
    CONSTRAINT "usage_daily_counts_not_negative" CHECK (
        "requests" >= 0 AND "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0 AND "cost_micros" >= 0
        AND "refused_requests" >= 0 AND "refused_tokens" >= 0 AND "refused_concurrency" >= 0 AND "refused_access" >= 0
    )
) WITH (fillfactor = 80);

CREATE INDEX "usage_daily_starts_at_idx" ON "usage_daily"("starts_at");

CREATE TABLE "usage_daily_totals" (
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "tier" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cached_input_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,
    "refused_requests" BIGINT NOT NULL,
    "refused_tokens" BIGINT NOT NULL,
    "refused_concurrency" BIGINT NOT NULL,
    "refused_access" BIGINT NOT NULL,

    CONSTRAINT "usage_daily_totals_pkey" PRIMARY KEY ("starts_at", "tier", "model"),
    CONSTRAINT "usage_daily_totals_counts_not_negative" CHECK (
        "requests" >= 0 AND "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0 AND "cost_micros" >= 0
        AND "refused_requests" >= 0 AND "refused_tokens" >= 0 AND "refused_concurrency" >= 0 AND "refused_access" >= 0
    )
) WITH (fillfactor = 80);

CREATE TABLE "refusal_writers" (
    "id" UUID NOT NULL,
    "last_batch" BIGINT NOT NULL,
    "wrote_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refusal_writers_pkey" PRIMARY KEY ("id")
);
