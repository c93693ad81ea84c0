import { liftLimits, registerModel } from './catalog.js';
import { startGateway, type Gateway } from './gateway.js';
import { until } from './until.js';
import { sendJson, startUpstream, type Reply, type TestUpstream } from './upstream.js';

const ALL = ['chat', 'responses', 'messages', 'embeddings', 'rerank', 'score', 'tokenize', 'images', 'speech'];

/** What the ledger tells of a request. */
interface Entry {
  requestId: string;
  endpoint: string;
  outcome: string;
  inputTokens: number;
  outputTokens: number;
  usageSource: string;
}

export const answering = (body: unknown): Reply => {
  return (_request, response) => sendJson(response, 200, body);
};

export const nobody: Reply = () => {
  throw new Error('nobody was to ask');
};

/** A gateway before one upstream, with a model `every` that has every endpoint and a model `chatty` that has chat alone. */
export class EndpointStage {
  /** What the upstream answers next. */
  reply: Reply = nobody;
  private asked = 0;

  private constructor(
    readonly gateway: Gateway,
    readonly token: string,
    readonly upstream: TestUpstream,
  ) {}

  static async start(): Promise<EndpointStage> {
    const gateway = await startGateway();
    const upstream = await startUpstream((request, response) => stage.reply(request, response));
    await liftLimits(gateway, 'enterprise-user');
    const stage = new EndpointStage(gateway, await gateway.mint('enterprise-user'), upstream);
    const model = { capabilities: ALL, aliases: ['every-alias'], defaultMaxTokens: 64 };
    await registerModel(gateway, { id: 'every', url: upstream.url, model, upstream: { model: 'served/every' } });
    await registerModel(gateway, { id: 'chatty', url: upstream.url, model: { capabilities: ['chat'] } });
    return stage;
  }

  async close(): Promise<void> {
    await this.gateway.dispose();
    await this.upstream.close();
  }

  newId(): string {
    return `endpoint-${(this.asked += 1)}`;
  }

  entryOf(requestId: string): Promise<Entry> {
    return until('the ledger has the entry', async () => {
      const answer = await this.gateway.call('/maas-api/v1/usage/requests', { token: this.token });
      return answer.json<{ data: Entry[] }>().data.find(entry => entry.requestId === requestId) ?? false;
    });
  }

  /** Asks, and tells what the upstream got and what the ledger has. */
  async ask(path: string, body: object) {
    const id = this.newId();
    const answer = await this.gateway.call(path, { token: this.token, body, headers: { 'x-request-id': id } });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    const received = this.upstream.received.at(-1);
    return { answer, received, entry: await this.entryOf(id) };
  }
}
