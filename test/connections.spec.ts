import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { call } from './support/answer.js';
import { type Gateway, startGateway } from './support/gateway.js';
import { until } from './support/until.js';

const ALL = 12;
const PER_ADDRESS = 5;
const PROXY = '127.0.0.9';
const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

describe('open connections', () => {
  let gateway: Gateway;
  const opened: Socket[] = [];

  beforeAll(async () => {
    gateway = await startGateway({
      env: {
        MAAS_MAX_CONNECTIONS: String(ALL),
        MAAS_MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
        MAAS_TRUSTED_PROXIES: PROXY,
      },
    });
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await until('all connections are closed', async () => (await openConnections()) === 0);
  });
  afterAll(() => gateway.dispose());

  /** Not over a connection that counts: metrics have a listener of their own. */
  const metric = async (name: string): Promise<number> => {
    const { text } = await call(new URL('/metrics', gateway.metricsUrl).href, { headers: { connection: 'close' } });
    return Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    );
  };
  const openConnections = (): Promise<number> => metric('maas_connections_open');
  const refusedBy = (limit: string): Promise<number> => metric(`maas_connections_refused_total{limit="${limit}"}`);

  const open = async (localAddress: string): Promise<Socket> => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    opened.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const openMany = async (localAddress: string, count: number): Promise<void> => {
    for (let connections = 0; connections < count; connections++) (await open(localAddress)).resume();
  };
  /** What a connection is answered, to its end or to the end of the first answer. */
  const answerOn = async (socket: Socket, request = ''): Promise<string> => {
    let received = '';
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
    socket.write(request);
    await until('it is answered or closed', () => received.includes('}') || socket.closed);
    return received;
  };
  const expectRefused = (answer: string): void => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head).toMatch(/^retry-after: 1\r?$/im);
    expect(head).toMatch(/^x-request-id: \S+\r?$/im);
    expect(JSON.parse(body)).toEqual({
      error: { message: expect.any(String) as string, type: 'api_error', param: null, code: 'overloaded' },
    });
  };
  const expectServed = async (localAddress: string): Promise<void> =>
    expect(await answerOn(await open(localAddress), REQUEST)).toMatch(/^HTTP\/1\.1 200 /);

  it('of one address are limited, and leave room for others', async () => {
    await openMany('127.0.0.2', PER_ADDRESS);
    const before = await refusedBy('address');
    for (const request of ['', REQUEST]) {
      const refused = await open('127.0.0.2');
      expectRefused(await answerOn(refused, request));
      await until('the refused connection is closed', () => refused.closed);
    }
    expect(await refusedBy('address')).toBe(before + 2);
    expect(gateway.stdout()).toContain('"clientAddress":"127.0.0.2"');
    await expectServed('127.0.0.3');
    opened[0]?.destroy();
    await until('a connection is closed', async () => (await openConnections()) === PER_ADDRESS);
    await expectServed('127.0.0.2');
  });

  it('of a trusted proxy are limited among all alone', async () => {
    await openMany(PROXY, PER_ADDRESS + 1);
    await expectServed(PROXY);
  });

  it('are limited in all, and a flood of refused ones leaves nothing behind', async () => {
    await openMany(PROXY, ALL);
    const before = await refusedBy('all');
    expectRefused(await answerOn(await open('127.0.0.4')));
    await openMany('127.0.0.4', 200);
    await until(
      'all but those below the limit are closed',
      () => opened.filter(socket => !socket.closed).length === ALL,
    );
    expect(await refusedBy('all')).toBe(before + 201);
    expect(await openConnections()).toBe(ALL);
    opened[0]?.destroy();
    await until('a connection is closed', async () => (await openConnections()) === ALL - 1);
    await expectServed('127.0.0.5');
  });
});
