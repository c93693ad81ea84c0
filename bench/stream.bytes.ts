/** Stands once in each event that is counted, and nowhere else: so that a reader finds events by one byte. */
export const MARK = '~'.charCodeAt(0);

const event = (data: string): string => `data: ${data}\n\n`;
const framed = (text: string): Buffer => Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

const chunkOf = (rest: string): string =>
  event(`{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1677652288,"model":"bench",${rest}}`);

/** What an upstream writes at a time: an HTTP chunk with one event of one token, 175 bytes. */
export const EVENT = framed(chunkOf('"choices":[{"index":0,"delta":{"content":" word~"},"finish_reason":null}]'));

export const HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n',
);

/** The last events, of which none is counted, and the end of the answer. */
export const END = Buffer.concat([
  framed(chunkOf('"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]')),
  framed(chunkOf('"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":100,"total_tokens":109}')),
  framed(event('[DONE]')),
  Buffer.from('0\r\n\r\n'),
]);

/** How both ends know that they speak of the same stream; it comes first, so that it is found in a long question too. */
export const STREAM_ID = /"stream_id":(\d+)/;

/** @param prompt the inside of a JSON string */
export const questionOf = (streamId: number, prompt = 'Hello, how are you?'): string =>
  `{"stream_id":${streamId},"model":"bench","stream":true,"max_tokens":100,"messages":[{"role":"user","content":"${prompt}"}]}`;
