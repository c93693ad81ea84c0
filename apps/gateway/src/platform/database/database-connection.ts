import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../config/environment.js';

const CONNECT_TIMEOUT_MS = 10_000;
const ATTEMPTS = 4;
const PAUSE_MS = 500;

/**
 * Opens one connection, with a few attempts: a database that starts beside us may need a moment.
 * @throws StartupError with one line that names DATABASE_URL, the server and the reason, never a credential
 */
export async function openConnection(databaseUrl: string): Promise<pg.Client> {
  const deadline = Date.now() + CONNECT_TIMEOUT_MS;
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: Math.max(1000, deadline - Date.now()),
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (error instanceof pg.DatabaseError) {
        const refusal = refusalOf(databaseUrl, error);
        if (refusal !== undefined) throw refusal;
      }
      if (attempt === ATTEMPTS || Date.now() + PAUSE_MS > deadline) throw unanswered(databaseUrl, error);
    }
    await delay(PAUSE_MS);
  }
}

/** What a server says that is there and will say again, by its SQLSTATE; `undefined` where it may think better of it. */
function refusalOf(databaseUrl: string, error: pg.DatabaseError): StartupError | undefined {
  const { host, pathname } = new URL(databaseUrl);
  const reasons: Partial<Record<string, string>> = {
    '28000': 'refuses the user',
    '28P01': 'refuses the user or the password',
    '3D000': `has no database of the name ${pathname.slice(1)}`,
  };
  const reason = reasons[error.code ?? ''];
  if (reason === undefined) return undefined;
  return new StartupError(`DATABASE_URL: ${host} ${reason} (${error.code})`, { cause: error });
}

function unanswered(databaseUrl: string, error: unknown): StartupError {
  const { host, pathname } = new URL(databaseUrl);
  const { code, message } = error as { code?: string; message: string };
  const reason = code ?? message.split('\n')[0];
  return new StartupError(`DATABASE_URL: no database answers at ${host}${pathname} (${reason})`, { cause: error });
}
