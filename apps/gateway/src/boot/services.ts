import { resolve } from 'node:path';
import { type IdentityProvider, DemoIdentityProvider, loadDemoIdentities, NoIdentityProvider } from '../auth/index.js';
import type { Environment } from '../platform/config/index.js';
import { applyMigrations, lockDataFolder, startEmbeddedPostgres } from '../platform/database/index.js';
import { loadEncryptionKeys, SecretBox } from '../platform/secrets/index.js';
import { startBundledSimulator } from './bundled-simulator.js';
import { isLoopback } from './loopback.js';

/** What the gateway stands on, started before it and stopped after it. */
export interface Services {
  databaseUrl: string;
  dataDir: string;
  identityProvider: IdentityProvider;
  /** Seals the credentials that the database keeps. */
  secrets: SecretBox;
  /** Whether the demo's identities may be used. */
  demo: boolean;
  /** Where the demo's models are served, if anywhere. */
  simulatorUrl: string | null;
  /** Stops what was started here, the last first. */
  stop(): Promise<void>;
}

/** @throws StartupError where something outside the program stands in the way */
export async function startServices(environment: Environment, log: (message: string) => void): Promise<Services> {
  const dataDir = resolve(environment.MAAS_DATA_DIR);
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const lock = lockDataFolder(dataDir);
    stops.push(() => lock.release());
    const secrets = new SecretBox(loadEncryptionKeys(environment.MAAS_ENCRYPTION_KEY, dataDir));
    let databaseUrl = environment.DATABASE_URL;
    if (databaseUrl === undefined) {
      const postgres = await startEmbeddedPostgres(dataDir, log);
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    const applied = await applyMigrations(databaseUrl);
    if (applied.length > 0) log(`applied migrations: ${applied.join(', ')}`);
    const demo =
      environment.MAAS_DEMO_IDENTITIES === 'always' ||
      (environment.MAAS_DEMO_IDENTITIES === 'auto' && isLoopback(environment.HOST));
    let simulatorUrl = environment.MAAS_SIMULATOR_URL ?? null;
    if (simulatorUrl === null && demo) {
      const simulator = await startBundledSimulator();
      stops.push(() => simulator.stop());
      simulatorUrl = simulator.url;
    }
    const identityProvider = demo ? new DemoIdentityProvider(loadDemoIdentities(dataDir)) : new NoIdentityProvider();
    return { databaseUrl, dataDir, identityProvider, secrets, demo, simulatorUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
