import { encodingOf } from './body.encoding.js';
import { completionBody } from './completion.body.js';
import { completionTokens, type CompletionPlan } from './completion.plan.js';
import { DONE, streamEvents, type UsageReporting } from './completion.stream.js';
import type { Exchange } from './exchange.js';
import type { Faults } from './faults.js';
import { SimulatorError } from './simulator.error.js';

/** How fast answers come. */
export interface Pace {
  readonly firstTokenDelayMs: number;
  /** Of each choice; 0 is as fast as possible. */
  readonly tokensPerSecond: number;
}

/** Events that are due together go out in one write of about this many characters. */
const WRITE_CHARS = 16_384;
const MALFORMED_AFTER = 1;
const ERROR = `data: ${JSON.stringify(new SimulatorError(500, 'simulated_fault', 'Simulated fault in a stream').body)}\n\n`;

/** Sends a finished body, as it is or with the fault that was asked for. */
export function deliverBody(exchange: Exchange, body: string, faults: Faults): void {
  const encoding = encodingOf(faults);
  if (faults.cutAfter !== undefined) exchange.sendHalf(200, body);
  else if (encoding !== undefined) exchange.sendEncoded(200, body, encoding);
  else exchange.sendJson(200, faults.malformed ? body.slice(0, body.length >> 1) : body);
}

/** Sends a completion in one piece, when its last token would be due. */
export async function deliverUnary(
  exchange: Exchange,
  plan: CompletionPlan,
  faults: Faults,
  pace: Pace,
): Promise<void> {
  const tokens = completionTokens(plan) / plan.choices.length;
  await exchange.pause(
    pace.firstTokenDelayMs + (pace.tokensPerSecond > 0 ? (tokens * 1000) / pace.tokensPerSecond : 0),
  );
  if (faults.silenceAfter !== undefined) return exchange.untilGone();
  if (!exchange.isGone()) deliverBody(exchange, completionBody(plan, !faults.noUsage), faults);
}

/** Sends a completion token by token; ends at once when the client leaves. */
export async function deliverStream(
  exchange: Exchange,
  plan: CompletionPlan,
  faults: Faults,
  pace: Pace,
  reporting: UsageReporting,
): Promise<void> {
  await exchange.pause(pace.firstTokenDelayMs);
  if (exchange.isGone()) return;
  exchange.beginStream(encodingOf(faults));
  const startedAt = performance.now();
  const perTokenMs = pace.tokensPerSecond > 0 ? 1000 / (pace.tokensPerSecond * plan.choices.length) : 0;
  let pending = '';
  let tokens = 0;
  for (const event of streamEvents(plan, faults.noUsage ? 'none' : reporting)) {
    if (event.token) {
      if (tokens === faults.cutAfter) return exchange.severAfter(pending);
      if (tokens === faults.silenceAfter) {
        await exchange.write(pending);
        return exchange.untilGone();
      }
      if (faults.malformed && tokens === MALFORMED_AFTER) {
        return exchange.end(`${pending}${event.text.slice(0, event.text.length >> 1)}\n\n`);
      }
      // Servers that fail so say that they are done all the same.
      if (tokens === faults.errorAfter) return exchange.end(pending + ERROR + DONE);
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
  exchange.end(pending + written(DONE, faults));
}

/** An event in the lines that the faults ask for. The text of an event has no newline within a line. */
function written(event: string, { crlf, comments }: Faults): string {
  const text = comments === true ? `: a comment\n\n${event}` : event;
  return crlf === true ? text.replaceAll('\n', '\r\n') : text;
}
