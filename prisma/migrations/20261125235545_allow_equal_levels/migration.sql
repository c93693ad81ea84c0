-- Waits no longer than this for a table that is in use, and is applied at the next start then.
SET LOCAL lock_timeout = '5s';

-- DropIndex
DROP INDEX "tiers_level_key";
