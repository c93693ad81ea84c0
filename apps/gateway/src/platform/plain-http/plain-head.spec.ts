import fc from 'fast-check';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { readPlainHead } from './plain-head.js';

const HEAD = [
  'POST /qwen3/v1/chat/completions HTTP/1.1',
  'Host: gateway.example',
  'content-type: application/json',
  'Content-Length:  12 ',
  'Authorization: Bearer abc.def',
  'X-Empty:',
  'connection: Keep-Alive',
];

const bytesOf = (lines: readonly string[], after = ''): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n${after}`, 'latin1');

const without = (name: string): string[] => HEAD.filter(line => !line.toLowerCase().startsWith(name));

describe('a plain head', () => {
  it('is read with what it announces', () => {
    expect(readPlainHead(bytesOf(HEAD, 'and a body'))).toEqual({
      url: '/qwen3/v1/chat/completions',
      headers: {
        host: 'gateway.example',
        'content-type': 'application/json',
        'content-length': '12',
        authorization: 'Bearer abc.def',
        'x-empty': '',
        connection: 'Keep-Alive',
      },
      bytes: bytesOf(HEAD).length,
      bodyBytes: 12,
    });
  });

  it.each<[string, string[]]>([
    ['another method', ['GET / HTTP/1.1', ...HEAD.slice(1)]],
    ['an older version', ['POST / HTTP/1.0', ...HEAD.slice(1)]],
    ['two spaces before its path', ['POST  / HTTP/1.1', ...HEAD.slice(1)]],
    ['another server’s address', ['POST http://a/ HTTP/1.1', ...HEAD.slice(1)]],
    ['no version', ['POST /', ...HEAD.slice(1)]],
    ['a header twice', [...HEAD, 'x-empty: again']],
    ['two lengths', [...HEAD, 'content-length: 12']],
    ['lengths in a list', [...without('content-length'), 'content-length: 12, 12']],
    ['a length with a sign', [...without('content-length'), 'content-length: +12']],
    ['a length in another system', [...without('content-length'), 'content-length: 0x12']],
    ['a length that begins with 0', [...without('content-length'), 'content-length: 012']],
    ['a length of nothing', [...without('content-length'), 'content-length: 0']],
    ['a length without measure', [...without('content-length'), 'content-length: 1234567890']],
    ['a length before a tab', [...without('content-length'), 'content-length: 12\t']],
    ['no length', without('content-length')],
    ['chunks', [...without('content-length'), 'transfer-encoding: chunked']],
    ['chunks and a length', [...HEAD, 'Transfer-Encoding: chunked']],
    ['an encoding', [...HEAD, 'content-encoding: gzip']],
    ['an expectation', [...HEAD, 'expect: 100-continue']],
    ['another protocol', [...HEAD, 'upgrade: websocket']],
    ['trailers', [...HEAD, 'trailer: expires']],
    ['the end of its connection', [...without('connection'), 'connection: close']],
    ['what belongs to its connection', [...without('connection'), 'connection: keep-alive, x-empty']],
    ['a word for its connection with a proxy', [...HEAD, 'proxy-connection: close']],
    ['no host', without('host')],
    ['a host without a name', [...without('host'), 'host: ']],
    ['a folded line', [...HEAD, ' folded: 1']],
    ['a space before a colon', [...HEAD, 'x-spaced : 1']],
    ['a line without a colon', [...HEAD, 'nothing']],
    ['a header without a name', [...HEAD, ': nothing']],
    ['a name that every object has', [...HEAD, 'constructor: x']],
    ['a name like a prototype', [...HEAD, '__proto__: x']],
    ['a line that ends in a line feed alone', [...HEAD, 'x-one: 1\nx-two: 2']],
    ['a carriage return within a line', [...HEAD, 'x-one: 1\rx-two: 2']],
    ['a NUL', [...HEAD, 'x-nul: a\0b']],
    ['what is no ASCII', [...HEAD, 'x-name: J\xfcrgen']],
    ['no header', HEAD.slice(0, 1)],
  ])('has not %s', (_what, lines) => {
    expect(readPlainHead(bytesOf(lines))).toBeUndefined();
  });

  it('is whole, and not longer than node:http reads', () => {
    const bytes = bytesOf(HEAD);
    for (let length = 0; length < bytes.length; length++)
      expect(readPlainHead(bytes.subarray(0, length))).toBeUndefined();
    expect(readPlainHead(bytesOf([...HEAD, `x-long: ${'x'.repeat(16 * 1024)}`]))).toBeUndefined();
  });
});

interface Seen {
  url: string | undefined;
  headers: IncomingHttpHeaders;
  bodyBytes: number;
}

describe('what is read of a head', () => {
  let server: Server;
  let seen: (request: Seen) => void = () => undefined;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let bodyBytes = 0;
      request.on('data', (chunk: Buffer) => (bodyBytes += chunk.length));
      request.on('end', () => {
        seen({ url: request.url, headers: request.headers, bodyBytes });
        response.end();
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  /** What node:http makes of the same bytes; rejects where it refuses them. */
  const byNode = (bytes: Buffer): Promise<Seen> =>
    new Promise((resolve, reject) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', reject);
      socket.on('data', (answer: Buffer) => {
        if (!answer.toString().startsWith('HTTP/1.1 200')) reject(new Error(answer.toString()));
      });
      seen = request => {
        socket.destroy();
        resolve(request);
      };
    });

  const line = fc.oneof(
    fc.constantFrom(...HEAD.slice(1), 'Content-Length: 3', 'x-Name: a b', 'Accept: */*', 'TE: trailers', 'X-A: '),
    fc
      .tuple(fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,8}$/), fc.stringMatching(/^[\t !-~]{0,12}$/))
      .map(([name, value]) => `${name}:${value}`),
  );
  /** A byte that is put in somewhere, and what little it may take to read a request in two ways. */
  const slip = fc.option(
    fc.record({
      at: fc.nat(200),
      text: fc.constantFrom('\r', '\n', ' ', '\t', ':', '\0', '\r\n', '\x7f', '\xe9', ',', '0'),
    }),
  );

  it('is what node:http reads of it', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), slip, async (lines, slipped) => {
        const text = bytesOf([HEAD[0] ?? '', 'Host: a', 'content-length: 5', ...lines]).toString('latin1');
        const bytes = slipped === null ? text : text.slice(0, slipped.at) + slipped.text + text.slice(slipped.at);
        const head = readPlainHead(Buffer.from(bytes, 'latin1'));
        if (head === undefined) return;
        read++;
        const { url, headers, bodyBytes } = await byNode(
          Buffer.concat([Buffer.from(bytes, 'latin1').subarray(0, head.bytes), Buffer.alloc(head.bodyBytes, 'x')]),
        );
        expect(url).toBe(head.url);
        expect(bodyBytes).toBe(head.bodyBytes);
        expect(headers).toEqual(head.headers);
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});
