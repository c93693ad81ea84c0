import type { Gateway, Username } from './gateway.js';
import { until } from './until.js';

export interface ModelBody {
  id: string;
  tier?: string;
  url: string;
  /** Further fields of the model and of its upstream. */
  model?: Record<string, unknown>;
  upstream?: Record<string, unknown>;
}

/** Puts a model with one upstream into the catalog, and waits until the data plane has it. */
export async function registerModel(
  gateway: Gateway,
  { id, tier = 'free', url, model, upstream }: ModelBody,
): Promise<void> {
  const body = { id, name: id, tier, ...model, upstreams: [{ url, ...upstream }] };
  const answer = await gateway.admin('/models', { body });
  if (answer.status !== 201) throw new Error(`model ${id}: ${answer.status} ${answer.text}`);
  const token = await gateway.mint('admin-user');
  await until(
    `the data plane knows ${id}`,
    async () => (await gateway.call(`/${id}/v1/models`, { token })).status === 200,
  );
}

export interface LimitBody {
  unit: string;
  limit: number;
  window?: string;
  model?: string;
}

let level = 1000;

/** Makes a tier that may use every model, and makes the user its member. */
export async function placeInTier(
  gateway: Gateway,
  username: Username,
  limits: LimitBody[],
  strict = false,
): Promise<string> {
  level += 1;
  const name = `tier-${level}`;
  const made = await gateway.admin('/tiers', { body: { name, displayName: name, level, groups: [], strict, limits } });
  if (made.status !== 201) throw new Error(`tier ${name}: ${made.status} ${made.text}`);
  await overrideTier(gateway, username, name);
  return name;
}

/** Frees the user of every limit. */
export async function liftLimits(gateway: Gateway, username: Username): Promise<void> {
  await placeInTier(gateway, username, []);
}

export async function subjectOf(gateway: Gateway, username: Username): Promise<string> {
  const answer = await gateway.call('/maas-api/v1/me', { token: gateway.identities[username] });
  return answer.json<{ subject: string }>().subject;
}

export async function overrideTier(gateway: Gateway, username: Username, tier: string | null): Promise<void> {
  const subject = await subjectOf(gateway, username);
  const answer = await gateway.admin(`/users/${encodeURIComponent(subject)}`, { method: 'PATCH', body: { tier } });
  if (answer.status !== 200) throw new Error(`override for ${username}: ${answer.status} ${answer.text}`);
}
