-- Refusals for a budget that is used up. The default lets replicas of the build before write on.
SET LOCAL lock_timeout = '5s';

ALTER TABLE "usage_hourly" ADD COLUMN "refused_cost" BIGINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "usage_hourly_refused_cost" CHECK ("refused_cost" >= 0) NOT VALID;
ALTER TABLE "usage_daily" ADD COLUMN "refused_cost" BIGINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "usage_daily_refused_cost" CHECK ("refused_cost" >= 0) NOT VALID;
ALTER TABLE "usage_hourly_totals" ADD COLUMN "refused_cost" BIGINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "usage_hourly_totals_refused_cost" CHECK ("refused_cost" >= 0) NOT VALID;
ALTER TABLE "usage_daily_totals" ADD COLUMN "refused_cost" BIGINT NOT NULL DEFAULT 0,
  ADD CONSTRAINT "usage_daily_totals_refused_cost" CHECK ("refused_cost" >= 0) NOT VALID;

ALTER TABLE "usage_hourly" VALIDATE CONSTRAINT "usage_hourly_refused_cost";
ALTER TABLE "usage_daily" VALIDATE CONSTRAINT "usage_daily_refused_cost";
ALTER TABLE "usage_hourly_totals" VALIDATE CONSTRAINT "usage_hourly_totals_refused_cost";
ALTER TABLE "usage_daily_totals" VALIDATE CONSTRAINT "usage_daily_totals_refused_cost";
