import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { DatabaseService } from '../apps/gateway/src/platform/database/index.js';
import { seedLedger } from '../apps/gateway/src/usage/ledger/ledger-seed.store.js';
import { findDatabase, query } from './support/embedded-database.js';
import { startGateway, type Gateway } from './support/gateway.js';

const DAY_MS = 86_400_000;
/** More than the buffers of two sockets hold, so that an export of them waits for its reader. */
const ENTRIES = 60_000;

describe('an export of usage', () => {
  let gateway: Gateway;
  const admin = (): string => gateway.identities['admin-user'];

  const open = async (path: string): Promise<IncomingMessage> => {
    const headers = { accept: 'text/csv', authorization: `Bearer ${admin()}` };
    const [answer] = (await once(get(gateway.url + path, { headers }), 'response')) as [IncomingMessage];
    return answer;
  };

  beforeAll(async () => {
    gateway = await startGateway();
    const database = new DatabaseService({ url: findDatabase(gateway.dataDir)?.urlOf('maas') ?? '' });
    const to = new Date();
    const from = new Date(to.getTime() - 3 * DAY_MS);
    await seedLedger(database, { from, to, entries: ENTRIES, users: 50 });
    await database.$disconnect();
  });

  afterAll(() => gateway.dispose());

  it('has every entry once, newest first', async () => {
    const answer = await open('/maas-api/v1/admin/usage/requests');
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    const [header, ...rows] = Buffer.concat(pieces).toString().trimEnd().split('\r\n');
    expect(answer.complete).toBe(true);
    expect(header).toMatch(/^id,requestId,startedAt/);
    expect(rows).toHaveLength(ENTRIES);
    expect(new Set(rows.map(row => row.split(',', 1)[0])).size).toBe(ENTRIES);
    const starts = rows.map(row => row.split(',', 3)[2] ?? '');
    expect(starts).toEqual([...starts].sort().reverse());
  });

  it('that fails midway is cut off, and does not look complete', async () => {
    const answer = await open('/maas-api/v1/admin/usage/requests');
    expect(answer.statusCode).toBe(200);
    await once(answer, 'readable');
    await query(gateway.dataDir, 'ALTER TABLE ledger_entries RENAME TO out_of_the_way');
    try {
      const failed = once(answer, 'error');
      answer.resume();
      expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
      expect(answer.complete).toBe(false);
    } finally {
      await query(gateway.dataDir, 'ALTER TABLE out_of_the_way RENAME TO ledger_entries');
    }
  });

  it('that fails at its beginning is an error like any other', async () => {
    await query(gateway.dataDir, 'ALTER TABLE ledger_entries RENAME TO out_of_the_way');
    try {
      const answer = await open('/maas-api/v1/admin/usage/requests');
      answer.resume();
      expect(answer.statusCode).toBe(500);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    } finally {
      await query(gateway.dataDir, 'ALTER TABLE out_of_the_way RENAME TO ledger_entries');
    }
  });

  it('ends with its reader, whose connection it then holds no longer', async () => {
    for (let reader = 0; reader < 10; reader += 1) {
      const answer = await open('/maas-api/v1/admin/usage/requests');
      answer.destroy();
    }
    const answer = await gateway.admin('/usage');
    expect(answer.status).toBe(200);
    expect(answer.json<{ data: { requests: number }[] }>().data[0]?.requests).toBe(ENTRIES);
  });
});
