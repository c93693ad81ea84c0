import fc from 'fast-check';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { PlainAnswer } from './plain-answer.js';
import { PlainConnections } from './plain-connections.js';

const requestOf = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: spec\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;

/** An answer that says who gave it. */
const told = (body: string, by: string): Buffer => Buffer.from(`<${body} by ${by}>`);

function answerWith(answer: PlainAnswer, bytes: Buffer, status = 200): void {
  answer.writeHead(status, ['content-length', String(bytes.length)]);
  answer.end(bytes);
}

describe('connections of plain requests', () => {
  let server: Server;
  let connections: PlainConnections;
  /** Says how a plain request is answered. */
  let onRequest: (body: Buffer, answer: PlainAnswer) => void;
  /** The server's ends, the latest last. */
  let sockets: Socket[];

  beforeEach(async () => {
    onRequest = (body, answer) => answerWith(answer, told(body.toString(), 'us'));
    sockets = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(told(body, 'node')));
    });
    connections = new PlainConnections(server, ({ url }) =>
      url === '/plain' ? (body, answer) => onRequest(body, answer) : undefined,
    );
    server.on('connection', socket => sockets.push(socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
    connections.destroy();
  });

  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.setNoDelay(true).on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };

  /** What comes, until it has the text. */
  const until = (socket: Socket, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let received = '';
      const onClose = (): void => reject(new Error(`closed after ${received}`));
      const onData = (chunk: Buffer): void => {
        received += chunk.toString('latin1');
        if (!received.includes(text)) return;
        socket.off('data', onData).off('close', onClose);
        resolve(received);
      };
      socket.on('data', onData).on('close', onClose);
    });

  it('are answered as node:http would', async () => {
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    const answer = await until(socket, '<one by us>');
    expect(answer.replace(/Date: .{29}\r\n/, 'Date: now\r\n')).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 11\r\nDate: now\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n<one by us>',
    );
    socket.destroy();
  });

  it('are answered in order, however what they send arrives, and by node:http from the first on that is not plain', async () => {
    const plainness = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(plainness, fc.array(fc.nat(600), { maxLength: 5 }), async (plain, cuts) => {
        const bytes = plain.map((is, index) => requestOf(is ? '/plain' : '/other', `r${index}`)).join('');
        const socket = await open();
        const whole = until(socket, `<r${plain.length - 1} by `);
        let from = 0;
        for (const cut of [...cuts.filter(at => at < bytes.length).sort((a, b) => a - b), bytes.length]) {
          socket.write(bytes.slice(from, cut));
          // So that each piece is read by itself.
          await new Promise(resolve => setTimeout(resolve, 1));
          from = cut;
        }
        const received = await whole;
        socket.destroy();
        const answered = [...received.matchAll(/<r(\d+) by (\w+)/g)];
        expect(answered.map(([, index]) => Number(index))).toEqual([...plain.keys()]);
        const others = answered.map(([, , by]) => by === 'node');
        // A head that comes in pieces is not plain either.
        expect(others).toEqual([...others].sort((a, b) => Number(a) - Number(b)));
        const first = plain.indexOf(false);
        if (first !== -1) expect(others.slice(first)).not.toContain(false);
        if (first === -1 && cuts.length === 0) expect(others).not.toContain(true);
      }),
      { numRuns: 150 },
    );
  });

  it('wait for a body that comes after its head', async () => {
    const socket = await open();
    const [head = '', body = ''] = requestOf('/plain', 'two writes').split(/(?<=\r\n\r\n)/);
    socket.write(head);
    await once(sockets[0] as Socket, 'data');
    socket.write(body);
    expect(await until(socket, 'by')).toContain('<two writes by us');
    socket.destroy();
  });

  const wait = (ticks: number): void => Array.from({ length: ticks }).forEach(() => connections.tick());

  it('leave a client to node:http that takes long for a request', async () => {
    const socket = await open();
    const bytes = requestOf('/plain', '123456');
    socket.write(bytes.slice(0, -4));
    await once(sockets[0] as Socket, 'data');
    wait(2);
    socket.write('34');
    await once(sockets[0] as Socket, 'data');
    wait(1);
    socket.write('56');
    expect(await until(socket, 'by')).toContain('<123456 by node');
    socket.destroy();
  });

  it('end where nobody asks for anything', async () => {
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    await until(socket, 'by us');
    wait(15);
    socket.write(requestOf('/plain', 'two'));
    await until(socket, '<two by us');
    wait(16);
    await once(socket, 'close');
  });

  it('do not end while something is being answered', async () => {
    let answer: PlainAnswer | undefined;
    onRequest = (_body, given) => (answer = given);
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    await once(sockets[0] as Socket, 'data');
    wait(100);
    answerWith(answer as PlainAnswer, Buffer.from('late'));
    expect(await until(socket, 'late')).toContain('200 OK');
    socket.destroy();
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is gone', socket => socket.destroy()],
    ['has closed its half', socket => void socket.end()],
    ['is gone with a reset', socket => socket.resetAndDestroy()],
  ])('tell an answer once that its client %s', async (_what, leave) => {
    const given = new Promise<PlainAnswer>(resolve => (onRequest = (_body, answer) => resolve(answer)));
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    const answer = await given;
    let closed = 0;
    answer.on('close', () => closed++);
    const ends = new Promise(resolve => sockets[0]?.on('close', resolve));
    leave(socket);
    await ends;
    expect([closed, answer.destroyed, answer.writableFinished]).toEqual([1, true, false]);
    // Whoever has not heard of it may still write.
    answer.writeHead(200, []);
    answer.write(Buffer.from('x'));
    answer.end();
    await new Promise(resolve => setImmediate(resolve));
    expect(closed).toBe(1);
  });

  it('notice that a client has left which had sent more before it was answered, and end one that sends without measure', async () => {
    for (const [length, leaves] of [
      [100_000, true],
      [200_000, false],
    ] as const) {
      const given = new Promise<PlainAnswer>(resolve => (onRequest = (_body, answer) => resolve(answer)));
      const socket = await open();
      socket.write(requestOf('/plain', 'one'));
      const closes = once(await given, 'close');
      socket.write(requestOf('/plain', 'x'.repeat(length)));
      if (leaves) socket.end();
      await closes;
      socket.destroy();
    }
  });

  it('send what is on its way to a client that has closed its half', async () => {
    const bytes = Buffer.alloc(5_000_000, 'x');
    onRequest = (_body, answer) => answerWith(answer, bytes);
    const socket = await open();
    socket.pause().end(requestOf('/plain', 'one'));
    await new Promise(resolve => setTimeout(resolve, 20));
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(bytes.length);
  });

  it('are ended once, whoever ends them again', async () => {
    onRequest = (body, answer) => {
      answer.writeHead(200, []);
      answer.end(body);
      answer.write(Buffer.from('more'));
      answer.end(Buffer.from('still more'));
    };
    const socket = await open();
    socket.write(requestOf('/plain', 'one') + requestOf('/plain', 'two'));
    expect((await until(socket, 'two\r\n0\r\n\r\n')).replace(/HTTP[^]*?\r\n\r\n/g, '')).toBe(
      '3\r\none\r\n0\r\n\r\n3\r\ntwo\r\n0\r\n\r\n',
    );
    socket.destroy();
  });

  it('tell an answer once that all of it is written', async () => {
    const given = new Promise<PlainAnswer>(resolve => {
      onRequest = (_body, answer) => {
        answer.on('close', () => resolve(answer));
        answerWith(answer, Buffer.from('whole'));
      };
    });
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    const answer = await given;
    expect([answer.destroyed, answer.writableEnded, answer.writableFinished]).toEqual([false, true, true]);
    socket.destroy();
  });

  it('go when they are closed: idle ones at once, others with their answer', async () => {
    const given = new Promise<PlainAnswer>(resolve => (onRequest = (_body, answer) => resolve(answer)));
    const [idle, busy] = await Promise.all([open(), open()]);
    busy.write(requestOf('/plain', 'one'));
    const answer = await given;
    const idleEnds = once(idle, 'close');
    connections.close();
    await idleEnds;
    const ends = Promise.all([until(busy, 'last'), once(busy, 'close')]);
    answerWith(answer, Buffer.from('the last'));
    const [received] = await ends;
    expect(received).toContain('\r\nConnection: close\r\n');
  });

  it('have answers in chunks', async () => {
    onRequest = (_body, answer) => {
      answer.writeHead(200, ['content-type', 'text/event-stream']);
      answer.write(Buffer.from('data: 1\n\n'));
      answer.write(Buffer.alloc(0));
      answer.write(Buffer.from('data: ü\n\n'));
      setImmediate(() => answer.end(Buffer.from('data: [DONE]\n\n')));
    };
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/plain`;
    const answer = await fetch(address, { method: 'POST', body: '{}' });
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
    expect(await answer.text()).toBe('data: 1\n\ndata: ü\n\ndata: [DONE]\n\n');
  });

  it.each([0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000])('have answers of %d bytes', async length => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/plain`;
    const ask = async (): Promise<Buffer> =>
      Buffer.from(await (await fetch(address, { method: 'POST', body: '{}' })).arrayBuffer());
    onRequest = (_body, answer) => answerWith(answer, bytes);
    expect((await ask()).equals(bytes)).toBe(true);
    onRequest = (_body, answer) => {
      answer.writeHead(200, []);
      answer.write(bytes);
      answer.end(bytes);
    };
    expect((await ask()).equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });

  it('have answers without a body where the status has none', async () => {
    onRequest = (_body, answer) => {
      answer.writeHead(204, []);
      answer.write(Buffer.from('nothing'));
      answer.end(Buffer.from('nothing'));
    };
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    const received = await until(socket, '\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1.1 204 No Content\r\n.*\r\n\r\n$/s);
    onRequest = (body, answer) => answerWith(answer, body);
    socket.write(requestOf('/plain', 'the next'));
    expect(await until(socket, 'the next')).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    socket.destroy();
  });

  it('tell who writes that the client is slower, and when it is no longer', async () => {
    const given = new Promise<PlainAnswer>(resolve => (onRequest = (_body, answer) => resolve(answer)));
    const socket = await open();
    socket.pause();
    socket.write(requestOf('/plain', 'one'));
    const answer = await given;
    answer.writeHead(200, []);
    const piece = Buffer.alloc(8 * 1024, 'x');
    let pieces = 1;
    while (answer.write(piece)) {
      pieces++;
      await new Promise(resolve => setImmediate(resolve));
    }
    const drained = once(answer, 'drain');
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await drained;
    answer.end();
    await once(answer, 'close');
    socket.end();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(pieces * piece.length);
  });

  it.each(['a\r\nx-injected: 1', 'a\nb', 'a\0', 'Ċ'])('never send a header of the value %j', async value => {
    onRequest = (_body, answer) => {
      expect(() => answer.writeHead(200, ['x-value', value])).toThrow(TypeError);
      expect(answer.headersSent).toBe(false);
      answerWith(answer, Buffer.from('refused'), 500);
    };
    const socket = await open();
    socket.write(requestOf('/plain', 'one'));
    expect(await until(socket, 'refused')).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/);
    socket.destroy();
  });

  it('of an empty piece are not ended by it', async () => {
    const socket = await open();
    socket.write('');
    socket.write(requestOf('/plain', 'one', 'x-empty:\r\n'));
    expect(await until(socket, 'by')).toContain('by us');
    socket.destroy();
  });
});
