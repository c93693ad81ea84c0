import { call } from './answer.js';
import { liftLimits } from './catalog.js';
import { startGateway, type Gateway, type Username } from './gateway.js';
import { startSimulator, type SimulatorProcess } from './simulator-process.js';
import { until } from './until.js';

/** What the ledger has of one request. */
export interface EnteredRequest {
  requestId: string;
  model: string;
  endpoint: string;
  streamed: boolean;
  outcome: string;
  status: number;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
}

/** A gateway before a simulator, both as processes, and a user without limits, for the clients of the field. */
export class ClientStage {
  private constructor(
    readonly gateway: Gateway,
    readonly simulator: SimulatorProcess,
    /** The access token of the user without limits. */
    readonly apiKey: string,
  ) {}

  static async start(): Promise<ClientStage> {
    const simulator = await startSimulator();
    const gateway = await startGateway({ env: { MAAS_SIMULATOR_URL: simulator.url } });
    await liftLimits(gateway, 'enterprise-user');
    return new ClientStage(gateway, simulator, await gateway.mint('enterprise-user'));
  }

  get url(): string {
    return this.gateway.url;
  }

  keyOf(username: Username): Promise<string> {
    return this.gateway.mint(username);
  }

  /** Waits until the ledger has so many entries of that request id, and hands them out, the oldest first. */
  entries(requestId: string, count: number): Promise<EnteredRequest[]> {
    return until(`the ledger has ${count} entries of ${requestId}`, async () => {
      const answer = await this.gateway.call('/maas-api/v1/usage/requests', { token: this.apiKey });
      const { data } = answer.json<{ data: EnteredRequest[] }>();
      const found = data.filter(entry => entry.requestId === requestId);
      return found.length === count && found.reverse();
    });
  }

  async entry(requestId: string): Promise<EnteredRequest | undefined> {
    return (await this.entries(requestId, 1))[0];
  }

  /** How many clients the simulator saw leave. */
  async leavers(): Promise<number> {
    return (await call(`${this.simulator.url}/stats`)).json<{ aborted: number }>().aborted;
  }

  async dispose(): Promise<void> {
    await this.gateway.dispose();
    await this.simulator.stop();
  }
}

/** What a call fails with; `undefined` where it does not. */
export const failureOf = (call: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );
