import { once } from 'node:events';
import type { PlainAnswer } from './plain-answer.js';
import { answerWith, PlainStage, requestOf, until } from './plain-stage.fixture.js';

describe('plain answers', () => {
  let stage: PlainStage;

  beforeEach(async () => void (stage = await PlainStage.open()));
  afterEach(() => stage.close());

  it('are ended once, whoever ends them again', async () => {
    stage.onRequest = (body, answer) => {
      answer.writeHead(200, []);
      answer.end(body);
      answer.write(Buffer.from('more'));
      answer.end(Buffer.from('still more'));
    };
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one') + requestOf('/plain', 'two'));
    expect((await until(socket, 'two\r\n0\r\n\r\n')).replace(/HTTP[^]*?\r\n\r\n/g, '')).toBe(
      '3\r\none\r\n0\r\n\r\n3\r\ntwo\r\n0\r\n\r\n',
    );
    socket.destroy();
  });

  it('tell an answer once that all of it is written', async () => {
    const given = new Promise<PlainAnswer>(resolve => {
      stage.onRequest = (_body, answer) => {
        answer.on('close', () => resolve(answer));
        answerWith(answer, Buffer.from('whole'));
      };
    });
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one'));
    const answer = await given;
    expect([answer.destroyed, answer.writableEnded, answer.writableFinished]).toEqual([false, true, true]);
    socket.destroy();
  });

  it('have answers in chunks', async () => {
    stage.onRequest = (_body, answer) => {
      answer.writeHead(200, ['content-type', 'text/event-stream']);
      answer.write(Buffer.from('data: 1\n\n'));
      answer.write(Buffer.alloc(0));
      answer.write(Buffer.from('data: ü\n\n'));
      setImmediate(() => answer.end(Buffer.from('data: [DONE]\n\n')));
    };
    const answer = await fetch(stage.url, { method: 'POST', body: '{}' });
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
    expect(await answer.text()).toBe('data: 1\n\ndata: ü\n\ndata: [DONE]\n\n');
  });

  it.each([0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000])('have answers of %d bytes', async length => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    const ask = async (): Promise<Buffer> =>
      Buffer.from(await (await fetch(stage.url, { method: 'POST', body: '{}' })).arrayBuffer());
    stage.onRequest = (_body, answer) => answerWith(answer, bytes);
    expect((await ask()).equals(bytes)).toBe(true);
    stage.onRequest = (_body, answer) => {
      answer.writeHead(200, []);
      answer.write(bytes);
      answer.end(bytes);
    };
    expect((await ask()).equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });

  it('have answers without a body where the status has none', async () => {
    stage.onRequest = (_body, answer) => {
      answer.writeHead(204, []);
      answer.write(Buffer.from('nothing'));
      answer.end(Buffer.from('nothing'));
    };
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one'));
    const received = await until(socket, '\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1.1 204 No Content\r\n.*\r\n\r\n$/s);
    stage.onRequest = (body, answer) => answerWith(answer, body);
    socket.write(requestOf('/plain', 'the next'));
    expect(await until(socket, 'the next')).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    socket.destroy();
  });

  it('tell who writes that the client is slower, and when it is no longer', async () => {
    const given = new Promise<PlainAnswer>(resolve => (stage.onRequest = (_body, answer) => resolve(answer)));
    const socket = await stage.connect();
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
    stage.onRequest = (_body, answer) => {
      expect(() => answer.writeHead(200, ['x-value', value])).toThrow(TypeError);
      expect(answer.headersSent).toBe(false);
      answerWith(answer, Buffer.from('refused'), 500);
    };
    const socket = await stage.connect();
    socket.write(requestOf('/plain', 'one'));
    expect(await until(socket, 'refused')).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/);
    socket.destroy();
  });
});
