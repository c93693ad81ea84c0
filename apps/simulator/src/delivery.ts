import { completionBody } from './completion.body.js';
import { completionTokens, type CompletionPlan } from './completion.plan.js';
import { DONE, streamEvents, type UsageReporting } from './completion.stream.js';
import type { Exchange } from './exchange.js';
import type { Faults } from './faults.js';

/** How fast answers come. */
export interface Pace {
  readonly firstTokenDelayMs: number;
  /** Of each choice; 0 is as fast as possible. */
  readonly tokensPerSecond: number;
}

/** Events that are due together go out in one write of about this many characters. */
const WRITE_CHARS = 16_384;
const MALFORMED_AFTER = 1;

/** Sends a finished body, as it is or with the fault that was asked for. */
export function deliverBody(exchange: Exchange, body: string, faults: Faults): void {
  if (faults.cutAfter !== undefined) exchange.sendHalf(200, body);
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
  exchange.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
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
        exchange.response.end(`${pending}${event.text.slice(0, event.text.length >> 1)}\n\n`);
        return;
      }
      const waitMs = startedAt + tokens * perTokenMs - performance.now();
      if (perTokenMs > 0 && waitMs > 1) {
        await exchange.write(pending);
        pending = '';
        await exchange.pause(waitMs);
      }
      tokens++;
    }
    pending += event.text;
    if (pending.length > WRITE_CHARS) {
      await exchange.write(pending);
      pending = '';
    }
    if (exchange.isGone()) return;
  }
  exchange.response.end(pending + DONE);
}
