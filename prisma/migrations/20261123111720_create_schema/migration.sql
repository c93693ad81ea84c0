-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "private_jwk" JSONB NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "principals" (
    "subject" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "groups" TEXT[],
    "tier_override" TEXT,
    "blocked" BOOLEAN NOT NULL DEFAULT false,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "principals_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "access_tokens" (
    "jti" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "revoked_tokens" (
    "jti" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "revoked_tokens_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "tiers" (
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "level" INTEGER NOT NULL,
    "strict" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tiers_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "tier_groups" (
    "group" TEXT NOT NULL,
    "tier_name" TEXT NOT NULL,

    CONSTRAINT "tier_groups_pkey" PRIMARY KEY ("group")
);

-- CreateTable
CREATE TABLE "tier_limits" (
    "id" UUID NOT NULL,
    "tier_name" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "limit" BIGINT NOT NULL,
    "window_ms" BIGINT,
    "model_id" TEXT,

    CONSTRAINT "tier_limits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "tier_name" TEXT NOT NULL,
    "owned_by" TEXT NOT NULL DEFAULT 'maas',
    "aliases" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "capabilities" TEXT[] DEFAULT ARRAY['chat', 'completions']::TEXT[],
    "context_window" INTEGER,
    "default_max_tokens" INTEGER NOT NULL DEFAULT 512,
    "input_per_million" DECIMAL(18,6),
    "cached_input_per_million" DECIMAL(18,6),
    "output_per_million" DECIMAL(18,6),
    "currency" TEXT NOT NULL DEFAULT 'USD',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upstreams" (
    "id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "model" TEXT,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "api_key" TEXT,
    "headers" JSONB NOT NULL DEFAULT '{}',
    "features" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upstreams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "changes" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
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

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refusal_sums" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "refusal_sums_pkey" PRIMARY KEY ("subject","hour","tier","model","reason")
);

-- CreateIndex
CREATE INDEX "access_tokens_subject_issued_at_idx" ON "access_tokens"("subject", "issued_at" DESC);

-- CreateIndex
CREATE INDEX "access_tokens_expires_at_idx" ON "access_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "revoked_tokens_expires_at_idx" ON "revoked_tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "tiers_level_key" ON "tiers"("level");

-- CreateIndex
CREATE INDEX "tier_groups_tier_name_idx" ON "tier_groups"("tier_name");

-- CreateIndex
CREATE INDEX "tier_limits_tier_name_idx" ON "tier_limits"("tier_name");

-- CreateIndex
CREATE INDEX "models_tier_name_idx" ON "models"("tier_name");

-- CreateIndex
CREATE INDEX "upstreams_model_id_idx" ON "upstreams"("model_id");

-- CreateIndex
CREATE INDEX "changes_at_idx" ON "changes"("at");

-- CreateIndex
CREATE INDEX "ledger_entries_subject_started_at_id_idx" ON "ledger_entries"("subject", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ledger_entries_ended_at_idx" ON "ledger_entries"("ended_at");

-- AddForeignKey
ALTER TABLE "principals" ADD CONSTRAINT "principals_tier_override_fkey" FOREIGN KEY ("tier_override") REFERENCES "tiers"("name") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_subject_fkey" FOREIGN KEY ("subject") REFERENCES "principals"("subject") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tier_groups" ADD CONSTRAINT "tier_groups_tier_name_fkey" FOREIGN KEY ("tier_name") REFERENCES "tiers"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tier_limits" ADD CONSTRAINT "tier_limits_tier_name_fkey" FOREIGN KEY ("tier_name") REFERENCES "tiers"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tier_limits" ADD CONSTRAINT "tier_limits_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "models" ADD CONSTRAINT "models_tier_name_fkey" FOREIGN KEY ("tier_name") REFERENCES "tiers"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upstreams" ADD CONSTRAINT "upstreams_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the types of the columns cannot say.
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_expires_later" CHECK ("expires_at" > "issued_at");

ALTER TABLE "tiers" ADD CONSTRAINT "tiers_level_not_negative" CHECK ("level" >= 0);

ALTER TABLE "tier_limits"
    ADD CONSTRAINT "tier_limits_unit_known" CHECK ("unit" IN ('requests', 'tokens', 'input_tokens', 'output_tokens', 'cost', 'concurrency')),
    ADD CONSTRAINT "tier_limits_limit_positive" CHECK ("limit" > 0),
    ADD CONSTRAINT "tier_limits_window_but_for_concurrency" CHECK (("window_ms" IS NULL) = ("unit" = 'concurrency')),
    -- One second to 31 days.
    ADD CONSTRAINT "tier_limits_window_in_range" CHECK ("window_ms" BETWEEN 1000 AND 2678400000);

ALTER TABLE "models"
    ADD CONSTRAINT "models_id_is_slug" CHECK ("id" ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    ADD CONSTRAINT "models_context_window_positive" CHECK ("context_window" > 0),
    ADD CONSTRAINT "models_default_max_tokens_positive" CHECK ("default_max_tokens" > 0),
    ADD CONSTRAINT "models_prices_not_negative" CHECK (
        "input_per_million" >= 0 AND "cached_input_per_million" >= 0 AND "output_per_million" >= 0
    );

ALTER TABLE "upstreams"
    ADD CONSTRAINT "upstreams_weight_not_negative" CHECK ("weight" >= 0),
    ADD CONSTRAINT "upstreams_priority_not_negative" CHECK ("priority" >= 0);

ALTER TABLE "ledger_entries"
    ADD CONSTRAINT "ledger_entries_credential_type_known" CHECK ("credential_type" IN ('token', 'api_key')),
    ADD CONSTRAINT "ledger_entries_outcome_known" CHECK ("outcome" IN ('completed', 'client_aborted', 'upstream_failed', 'timed_out', 'interrupted')),
    ADD CONSTRAINT "ledger_entries_usage_source_known" CHECK ("usage_source" IN ('reported', 'counted', 'estimated', 'none')),
    ADD CONSTRAINT "ledger_entries_counts_not_negative" CHECK (
        "input_tokens" >= 0 AND "cached_input_tokens" >= 0 AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0
        AND "cost_micros" >= 0 AND "bytes_in" >= 0 AND "bytes_out" >= 0
    );

ALTER TABLE "refusal_sums"
    ADD CONSTRAINT "refusal_sums_reason_known" CHECK ("reason" IN ('requests', 'tokens', 'concurrency', 'access')),
    ADD CONSTRAINT "refusal_sums_count_positive" CHECK ("count" > 0);

-- Wakes every replica when the transaction that changed something commits; the version poll is the net under it.
CREATE FUNCTION "announce_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('maas_changes', NEW."topic");
    RETURN NULL;
END
$$;

CREATE TRIGGER "changes_announce" AFTER INSERT ON "changes" FOR EACH ROW EXECUTE FUNCTION "announce_change"();
