-- Waits no longer than this for a table that is in use, and is applied at the next start then.
SET LOCAL lock_timeout = '5s';

-- Columns that are null rewrite no row, in any partition. Entries of earlier builds keep the null.
-- AlterTable
ALTER TABLE "ledger_entries" ADD COLUMN     "attempts" INTEGER,
ADD COLUMN     "upstream_model" TEXT;

-- Holds for new rows at once. The next migration validates it, without a lock that stops writers.
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_attempts_not_negative" CHECK ("attempts" >= 0) NOT VALID;
