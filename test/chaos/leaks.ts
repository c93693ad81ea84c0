import type { Gateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { USERNAMES } from './plan.js';

/** What is still held for requests that are all over, one line each. */
export interface Leaks {
  reservations: string[];
  slots: string[];
}

interface Me {
  limits: { unit: string; used: number; reserved: number }[];
}

/** Looks until nothing is held any more, or for five seconds: an abort is settled when the gateway hears of it. */
export async function findLeaks(gateway: Gateway): Promise<Leaks> {
  let found = await look(gateway);
  await until(
    'nothing is held',
    async () => {
      found = await look(gateway);
      return found.reservations.length + found.slots.length === 0;
    },
    5_000,
  ).catch(() => undefined);
  return found;
}

async function look(gateway: Gateway): Promise<Leaks> {
  const leaks: Leaks = { reservations: [], slots: [] };
  for (const username of USERNAMES) {
    const answer = await gateway.call('/maas-api/v1/me', { token: gateway.identities[username] });
    if (answer.status !== 200) throw new Error(`me of ${username}: ${answer.status} ${answer.text}`);
    for (const { unit, used, reserved } of answer.json<Me>().limits) {
      if (unit === 'concurrency' && used + reserved > 0) leaks.slots.push(`${username}: ${used + reserved} slots`);
      else if (reserved > 0) leaks.reservations.push(`${username}: ${reserved} ${unit}`);
    }
  }
  return leaks;
}
