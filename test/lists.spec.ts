import OpenAI from 'openai';
import { expectError } from './support/answer.js';
import { registerModel } from './support/catalog.js';
import { chat } from './support/chat.js';
import { startGateway, type Gateway } from './support/gateway.js';
import { until } from './support/until.js';

interface Page {
  data: Record<string, unknown>[];
  has_more: boolean;
  next?: string;
}

const LISTS: [string, string][] = [
  ['/maas-api/v1/tiers', 'name'],
  ['/maas-api/v1/admin/tiers', 'name'],
  ['/maas-api/v1/models', 'id'],
  ['/v1/models', 'id'],
  ['/simulator/v1/models', 'id'],
];
const SUMS: [string, string][] = [
  ['/maas-api/v1/usage', 'model'],
  ['/maas-api/v1/usage', 'model,hour,credential'],
  ['/maas-api/v1/admin/usage', 'model'],
  ['/maas-api/v1/admin/usage', 'user,tier,model'],
];

describe('a list', () => {
  let gateway: Gateway;
  let token: string;
  const read = async (path: string): Promise<Page> => {
    const answer = await gateway.call(path, { token });
    expect({ path, status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    return answer.json<Page>();
  };
  const refused = async (path: string, param: string): Promise<void> =>
    expectError(await gateway.call(path, { token }), 400, { code: 'invalid_request', param });

  beforeAll(async () => {
    gateway = await startGateway();
    token = await gateway.mint('admin-user');
    for (const id of ['one', 'two', 'three']) {
      await registerModel(gateway, { id, url: 'simulator:' });
      expect((await chat(gateway, token, { model: id })).status).toBe(200);
    }
    await until('all are in the sums', async () => (await read('/maas-api/v1/usage?groupBy=model')).data.length === 3);
  });

  afterAll(() => gateway.dispose());

  it.each(LISTS)('is whole, or paged where that is asked for: %s', async (path, id) => {
    const whole = await read(path);
    expect(whole.data.length).toBeGreaterThan(2);
    const paged: Page['data'] = [];
    for (let after = ''; ;) {
      const page = await read(`${path}?limit=2${after}`);
      expect(page.data.length).toBeLessThanOrEqual(2);
      paged.push(...page.data);
      if (!page.has_more) break;
      after = `&after=${String(page.data.at(-1)?.[id])}`;
    }
    expect(paged).toEqual(whole.data);
    expect(whole.has_more).toBe(false);
  });

  it.each(SUMS)('of sums is whole, or paged where that is asked for: %s by %s', async (path, groupBy) => {
    const whole = await read(`${path}?groupBy=${groupBy}`);
    expect(whole).toMatchObject({ has_more: false });
    const paged: Page['data'] = [];
    for (let after = ''; ;) {
      const page = await read(`${path}?groupBy=${groupBy}&limit=1${after}`);
      expect(page.data).toHaveLength(1);
      expect(page.has_more).toBe(page.next !== undefined);
      paged.push(...page.data);
      if (!page.has_more) break;
      after = `&after=${page.next}`;
    }
    expect(paged).toEqual(whole.data);
    await refused(`${path}?groupBy=day&after=${(await read(`${path}?groupBy=${groupBy}&limit=1`)).next}`, 'after');
  });

  it.each([...LISTS.map(([path]) => path), '/maas-api/v1/usage', '/maas-api/v1/admin/usage', '/maas-api/v1/tokens'])(
    'takes no other limit than 1 to 100, and no cursor that is none of its own: %s',
    async path => {
      for (const limit of ['0', '101', 'x']) await refused(`${path}?limit=${limit}`, 'limit');
      await refused(`${path}?after=nonesuch`, 'after');
    },
  );

  it('of sums is exported whole, whatever the page', async () => {
    const answer = await gateway.call('/maas-api/v1/usage?groupBy=model&limit=1', {
      token,
      headers: { accept: 'text/csv' },
    });
    expect(answer.text.trimEnd().split('\r\n')).toHaveLength(4);
  });

  it('of models is read by OpenAI’s client as ever, whatever else it sends', async () => {
    const client = new OpenAI({ apiKey: token, baseURL: `${gateway.url}/v1`, defaultQuery: { 'api-version': '1' } });
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids.sort()).toEqual(['one', 'qwen3', 'simulator', 'three', 'two']);
  });
});
