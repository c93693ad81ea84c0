-- Waits no longer than this for a table that is in use, and is applied at the next start then.
SET LOCAL lock_timeout = '5s';

-- AlterTable
ALTER TABLE "upstreams" ADD COLUMN     "api_key_header" TEXT NOT NULL DEFAULT 'authorization',
ADD COLUMN     "connect_timeout_ms" INTEGER,
ADD COLUMN     "draining" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "endpoints" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "first_byte_timeout_ms" INTEGER,
ADD COLUMN     "health_path" TEXT,
ADD COLUMN     "idle_timeout_ms" INTEGER,
ADD COLUMN     "tls_ca" TEXT,
ADD COLUMN     "tls_certificate" TEXT,
ADD COLUMN     "tls_key" TEXT,
ADD COLUMN     "tls_server_name" TEXT;

-- What the types of the columns cannot say. All rows fit, as the columns are new; a new row is held against it at once.
ALTER TABLE "upstreams"
    ADD CONSTRAINT "upstreams_timeouts_positive" CHECK (
        "connect_timeout_ms" > 0 AND "first_byte_timeout_ms" > 0 AND "idle_timeout_ms" > 0
    ) NOT VALID,
    ADD CONSTRAINT "upstreams_tls_key_with_certificate" CHECK (("tls_key" IS NULL) = ("tls_certificate" IS NULL)) NOT VALID;

ALTER TABLE "upstreams" VALIDATE CONSTRAINT "upstreams_timeouts_positive";
ALTER TABLE "upstreams" VALIDATE CONSTRAINT "upstreams_tls_key_with_certificate";
