import { placeInTier, registerModel, type LimitBody } from '../support/catalog.js';
import { startGateway, type Gateway, type Username } from '../support/gateway.js';
import { until } from '../support/until.js';
import { audit, type Audit } from './audit.js';
import { modelOf, send, type Door } from './client.js';
import { readLedger, type LedgerRow } from './ledger-rows.js';
import { REPORTINGS, USERNAMES, type Plan, type Reporting } from './plan.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { differenceInRollups } from './rollups.js';
import { ScriptedUpstream } from './scripted-upstream.js';
import { Trace } from './trace.js';

const FEATURES: Record<Reporting, string[]> = {
  continuous: ['include_usage', 'continuous_usage_stats'],
  final: ['include_usage'],
  never: [],
};

/** Wide enough to refuse nobody, and there so that every request reserves something; one tier counts slots as well. */
const LIMITS: Record<Username, LimitBody[]> = {
  'free-user': [{ unit: 'tokens', limit: 1_000_000_000, window: '1m' }],
  'premium-user': [
    { unit: 'concurrency', limit: 20 },
    { unit: 'tokens', limit: 1_000_000_000, window: '1m' },
  ],
  'enterprise-user': [
    { unit: 'requests', limit: 1_000_000, window: '2m' },
    { unit: 'tokens', limit: 1_000_000_000, window: '1h' },
  ],
  'admin-user': [],
};

const SETTLE_MS = 30_000;

export interface StageOptions {
  postgres: PostgresServer;
  /** Of the database that is made for this stage. */
  name: string;
  /** The gateway's program; the one that was built where absent. */
  program?: string;
  env?: Record<string, string>;
  /** The gateway's; a fresh one where absent. */
  dataDir?: string;
}

/** A gateway between scripted clients and a scripted upstream, with a database of its own. */
export class Stage {
  /** Called at the moment at which any client has the last byte of its answer. */
  onWhole: () => void = () => undefined;

  private constructor(
    readonly gateway: Gateway,
    readonly upstream: ScriptedUpstream,
    private readonly postgres: PostgresServer,
    private readonly database: string,
    private readonly tokens: Map<Username, string>,
  ) {}

  static async open({ postgres, name, program, env, dataDir }: StageOptions): Promise<Stage> {
    await postgres.query('postgres', `CREATE DATABASE ${name}`);
    const upstream = await ScriptedUpstream.start();
    const gateway = await startGateway({ program, dataDir, env: { DATABASE_URL: postgres.urlOf(name), ...env } });
    const tokens = new Map<Username, string>();
    for (const reporting of REPORTINGS)
      await registerModel(gateway, {
        id: modelOf({ reporting }),
        url: upstream.url,
        upstream: { features: FEATURES[reporting] },
      });
    for (const username of USERNAMES) {
      await placeInTier(gateway, username, LIMITS[username]);
      tokens.set(username, await gateway.mint(username));
    }
    return new Stage(gateway, upstream, postgres, name, tokens);
  }

  /** Sends one request. @returns its trace when its connection is over */
  async send(plan: Plan): Promise<Trace> {
    const trace = new Trace(plan, () => this.onWhole());
    this.upstream.traces.set(plan.requestId, trace);
    await send(this.doorOf(plan.username), trace);
    return trace;
  }

  get traces(): Trace[] {
    return [...this.upstream.traces.values()];
  }

  rows(): Promise<LedgerRow[]> {
    return readLedger(this.postgres, this.database);
  }

  /** What the rollups say otherwise than the entries; `undefined` where they agree. */
  differenceInRollups(): Promise<string | undefined> {
    return differenceInRollups(this.postgres.urlOf(this.database));
  }

  /** Waits until every request has its entry, and says what is wrong once that is so or will not be. */
  async audit(): Promise<Audit> {
    let found: Audit | undefined;
    await until(
      'nothing is lost',
      async () => {
        found = audit(this.traces, await this.rows());
        return found.lost.length === 0;
      },
      SETTLE_MS,
    ).catch((error: unknown) => {
      // What is lost for good is a finding; that the ledger cannot be read at all is not.
      if (found === undefined) throw error;
    });
    if (found === undefined) throw new Error('the ledger was never read');
    return found;
  }

  async close(): Promise<void> {
    await this.gateway.dispose();
    await this.upstream.close();
  }

  private doorOf(username: Username): Door {
    const token = this.tokens.get(username);
    if (token === undefined) throw new Error(`${username} has no token`);
    return { url: this.gateway.url, token };
  }
}
