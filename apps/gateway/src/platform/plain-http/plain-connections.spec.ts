import fc from 'fast-check';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { PlainAnswer } from './plain-answer.js';
import { answerWith, PlainStage, requestOf, until } from './plain-stage.fixture.js';

describe('connections of plain requests', () => {
  let stage: PlainStage;

  beforeEach(async () => void (stage = await PlainStage.open()));
  afterEach(() => stage.close());

  it('are answered as node:http would', async () => {
    const socket = await stage.connect();
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
        const socket = await stage.connect();
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
    const socket = await stage.connect();
    const [head = '', body = ''] = requestOf('/plain', 'two writes').split(/(?<=\r\n\r\n)/);
    socket.write(head);
    await once(stage.sockets[0] as Socket, 'data');
    socket.write(body);
    expect(await until(socket, 'by')).toContain('<two writes by us');
    socket.destroy();
  });

  const wait = (ticks: number): void => Array.from({ length: ticks }).forEach(() => stage.connections.tick());

  it('leave a client to node:http that takes long for a request', async () => {
    const socket = await stage.connect();
    const bytes = requestOf('/plain', '123456');
    socket.write(bytes.slice(0, -4));
    await once(stage.sockets[0] as Socket, 'data');
    wait(2);
    socket.write('34');
    await once(stage.sockets[0] as Socket, 'data');
    wait(1);
    socket.write('56');
    expect(await until(socket, 'by')).toContain('<123456 by node');
    socket.destroy();
  });

  it('end where nobody asks for anything', async () => {
    const socket = await stage.connect();
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
    stage.onRequest = (_body, given) => (answer = given);
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one'));
    await once(stage.sockets[0] as Socket, 'data');
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
    const given = new Promise<PlainAnswer>(resolve => (stage.onRequest = (_body, answer) => resolve(answer)));
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one'));
    const answer = await given;
    let closed = 0;
    answer.on('close', () => closed++);
    const ends = new Promise(resolve => stage.sockets[0]?.on('close', resolve));
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
      const given = new Promise<PlainAnswer>(resolve => (stage.onRequest = (_body, answer) => resolve(answer)));
      const socket = await stage.connect();
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
    stage.onRequest = (_body, answer) => answerWith(answer, bytes);
    const socket = await stage.connect();
    socket.pause().end(requestOf('/plain', 'one'));
    await new Promise(resolve => setTimeout(resolve, 20));
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    await once(socket, 'close');
    expect(received).toBeGreaterThan(bytes.length);
  });

  it('go when they are closed: idle ones at once, others with their answer', async () => {
    const given = new Promise<PlainAnswer>(resolve => (stage.onRequest = (_body, answer) => resolve(answer)));
    const [idle, busy] = await Promise.all([stage.connect(), stage.connect()]);
    busy.write(requestOf('/plain', 'one'));
    const answer = await given;
    const idleEnds = once(idle, 'close');
    stage.connections.close();
    await idleEnds;
    const ends = Promise.all([until(busy, 'last'), once(busy, 'close')]);
    answerWith(answer, Buffer.from('the last'));
    const [received] = await ends;
    expect(received).toContain('\r\nConnection: close\r\n');
  });

  it('may have a header without a value', async () => {
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one', 'x-empty:\r\n'));
    expect(await until(socket, 'by')).toContain('by us');
    socket.destroy();
  });
});
