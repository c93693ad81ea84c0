import { findDatabase } from './support/embedded-database.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

describe('health', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(() => gateway.dispose());

  it('is told to anyone', async () => {
    const live = await gateway.call('/health/live');
    expect({ status: live.status, body: live.json() }).toEqual({ status: 200, body: { status: 'ok' } });
    const ready = await gateway.call('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.json()).toMatchObject({ status: 'ok', checks: { database: true, draining: false } });
  });

  it('is unready without its database, which comes back by itself while the process lives on', async () => {
    const database = findDatabase(gateway.dataDir);
    if (!database) throw new Error('no database runs');
    process.kill(database.pid, 'SIGKILL');
    const ready = await until('the gateway is unready', async () => {
      const answer = await gateway.call('/health/ready');
      return answer.status === 503 && answer;
    });
    expect(ready.json()).toMatchObject({ status: 'unavailable', checks: { database: false } });
    expect((await gateway.call('/health/live')).status).toBe(200);
    await until('the gateway is ready again', async () => (await gateway.call('/health/ready')).status === 200);
    expect(gateway.exitCode).toBeNull();
  });
});
