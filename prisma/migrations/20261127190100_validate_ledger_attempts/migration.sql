-- Reads the whole ledger under SHARE UPDATE EXCLUSIVE, which neither readers nor writers wait for. It is a migration of its
-- own because the one before holds ACCESS EXCLUSIVE until its end.
SET LOCAL lock_timeout = '5s';

ALTER TABLE "ledger_entries" VALIDATE CONSTRAINT "ledger_entries_attempts_not_negative";
