import { gate } from './gate.js';
import { completion, sendJson, startUpstream, type TestUpstream, type TokenCounts } from './upstream.js';

export interface HeldUpstream extends TestUpstream {
  /** From here on every request is answered, those that wait included. */
  release(): void;
}

/** An upstream that takes requests and answers none of them before the test says so. */
export async function startHeld(tokens: TokenCounts): Promise<HeldUpstream> {
  const released = gate();
  const upstream = await startUpstream(async (_request, response) => {
    await released.opened;
    sendJson(response, 200, completion('held until now', tokens));
  });
  return { ...upstream, release: () => released.open() };
}
