import { encodingOf } from './body.encoding.js';
import type { Call } from './call.js';
import type { Faults } from './faults.js';
import type { StreamedAnswer } from './stream.event.js';

/** Events that are due together go out in one write of about this many characters. */
const WRITE_CHARS = 16_384;
const MALFORMED_AFTER = 1;

/** Sends a finished body, as it is or with the fault that was asked for. */
export async function deliverBody(
  { exchange, faults }: Call,
  body: string,
  contentType = 'application/json',
): Promise<void> {
  if (faults.silenceAfter !== undefined) await exchange.untilGone();
  if (exchange.isGone()) return;
  if (faults.cutAfter !== undefined) return exchange.sendHalf(200, body);
  const sent = faults.malformed ? body.slice(0, body.length >> 1) : body;
  const encoding = encodingOf(faults);
  const headers = { 'content-type': contentType };
  if (encoding === undefined) return exchange.send(200, sent, headers);
  exchange.send(200, encoding.whole(Buffer.from(sent)), { ...headers, 'content-encoding': encoding.name });
}

/**
 * Sends a body in one piece, when its last token would be due.
 * @param tokens how many come one after the other; those of several choices come at once
 */
export async function deliverUnary(call: Call, body: string, tokens: number): Promise<void> {
  const { firstTokenDelayMs, tokensPerSecond } = call.pace;
  await call.exchange.pause(firstTokenDelayMs + (tokensPerSecond > 0 ? (tokens * 1000) / tokensPerSecond : 0));
  await deliverBody(call, body);
}

/** Sends an answer token by token; ends at once when the client leaves. */
export async function deliverStream({ exchange, faults, pace }: Call, answer: StreamedAnswer): Promise<void> {
  await exchange.pause(pace.firstTokenDelayMs);
  if (exchange.isGone()) return;
  exchange.begin('text/event-stream; charset=utf-8', encodingOf(faults));
  const startedAt = performance.now();
  const perTokenMs = pace.tokensPerSecond > 0 ? 1000 / (pace.tokensPerSecond * (answer.choices ?? 1)) : 0;
  let pending = '';
  let tokens = 0;
  for (const event of answer.events) {
    if (event.token) {
      if (tokens === faults.cutAfter) return exchange.severAfter(pending);
      if (tokens === faults.silenceAfter) {
        await exchange.write(pending);
        return exchange.untilGone();
      }
      if (faults.malformed && tokens === MALFORMED_AFTER) {
        return exchange.end(`${pending}${event.text.slice(0, event.text.length >> 1)}\n\n`);
      }
      if (tokens === faults.errorAfter) return exchange.end(pending + answer.failure);
      const waitMs = startedAt + tokens * perTokenMs - performance.now();
      if (perTokenMs > 0 && waitMs > 1) {
        await exchange.write(pending);
        pending = '';
        await exchange.pause(waitMs);
      }
      tokens++;
    }
    pending += written(event.text, faults);
    if (pending.length > WRITE_CHARS) {
      await exchange.write(pending);
      pending = '';
    }
    if (exchange.isGone()) return;
  }
  exchange.end(pending);
}

/** An event in the lines that the faults ask for. The text of an event has no newline within a line. */
function written(event: string, { crlf, comments }: Faults): string {
  const text = comments === true ? `: a comment\n\n${event}` : event;
  return crlf === true ? text.replaceAll('\n', '\r\n') : text;
}
