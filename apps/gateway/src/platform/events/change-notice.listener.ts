import pg from 'pg';

/** How long to wait before a lost connection is tried again. */
const RECONNECT_MS = 1000;

/** Holds one connection that LISTENs, and calls `onNotice` for each notice. A lost connection is made again. */
export class ChangeNoticeListener {
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly onNotice: () => void,
    private readonly onLost: (error: Error) => void,
  ) {}

  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: 'maas-gateway-changes',
    });
    this.client = client;
    client.on('notification', this.onNotice);
    client.on('error', error => this.lost(client, error));
    client.on('end', () => this.lost(client, new Error('the connection ended')));
    try {
      await client.connect();
      await client.query('LISTEN maas_changes');
    } catch (error) {
      this.lost(client, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const client = this.client;
    this.client = undefined;
    await client?.end();
  }

  private lost(client: pg.Client, error: Error): void {
    if (this.stopped || this.client !== client) return;
    this.client = undefined;
    this.onLost(error);
    client
      .end()
      .catch((endError: unknown) => this.onLost(endError instanceof Error ? endError : new Error(String(endError))));
    this.retry = setTimeout(() => void this.start(), RECONNECT_MS);
  }
}
