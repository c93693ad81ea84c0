import { placeInTier, registerModel } from '../test/support/catalog.js';
import { startGateway } from '../test/support/gateway.js';
import { PostgresServer } from '../test/support/postgres-server.js';
import { hasNginx, startNginxProxy } from './nginx.program.js';
import { keepBehind } from './background.process.js';
import { startPortkey as startPortkeyProgram } from './portkey.program.js';
import { startProgram } from './programs.js';

/** Something that stands between a client and the upstream. */
export interface System {
  name: string;
  pid: number;
  /** Where a chat completion is asked for. */
  url: string;
  headers: Record<string, string>;
  stop(): Promise<void>;
}

const PATH = '/v1/chat/completions';

/** @param flags of Node */
export async function startBare(upstreamUrl: string, flags: readonly string[] = []): Promise<System> {
  const program = await startProgram('bare.proxy.js', [upstreamUrl], flags);
  return { name: 'bare Node', pid: program.pid, url: program.url + PATH, headers: {}, stop: () => program.stop() };
}

/**
 * Everything on: token check, access, limits that never refuse, headers, ledger with journal, metrics, logs. Its Postgres is
 * nobody's child, so that what that takes is not counted as the gateway's.
 */
export async function startMaas(upstreamUrl: string): Promise<System> {
  const postgres = await PostgresServer.create();
  // It shares its core with upstream and clients: what it would hold up of them is not the gateway's delay.
  const behind = keepBehind(postgres.pid);
  await postgres.query('postgres', 'CREATE DATABASE maas');
  const gateway = await startGateway({ env: { DATABASE_URL: postgres.urlOf('maas') } });
  await placeInTier(gateway, 'premium-user', [
    { unit: 'requests', limit: 1_000_000_000, window: '1m' },
    { unit: 'tokens', limit: 1_000_000_000_000, window: '1m' },
  ]);
  await registerModel(gateway, { id: 'bench', url: `${upstreamUrl}/v1` });
  return {
    name: 'this gateway',
    pid: gateway.pid,
    url: gateway.url + PATH,
    headers: { authorization: `Bearer ${await gateway.mint('premium-user')}` },
    stop: async () => {
      clearInterval(behind);
      await gateway.dispose();
      await postgres.dispose();
    },
  };
}

/** @returns `undefined` where npm cannot fetch it */
export async function startPortkey(upstreamUrl: string): Promise<System | undefined> {
  const program = await startPortkeyProgram();
  if (program === undefined) return undefined;
  const headers = {
    authorization: 'Bearer none',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstreamUrl}/v1`,
  };
  return { name: 'Portkey', pid: program.pid, url: program.url + PATH, headers, stop: () => program.stop() };
}

/** @returns `undefined` where it is not installed */
export async function startNginx(upstreamUrl: string): Promise<System | undefined> {
  if (!hasNginx()) return undefined;
  const program = await startNginxProxy(upstreamUrl);
  return { name: 'nginx', pid: program.pid, url: program.url + PATH, headers: {}, stop: () => program.stop() };
}
