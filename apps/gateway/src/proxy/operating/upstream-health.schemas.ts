import { z } from 'zod';
import { type CatalogModel, type StoredUpstream, upstreamOnTheWire, upstreamSchema } from '../../models/index.js';
import type { UpstreamHealth } from '../routing/upstream-health.js';

const healthSchema = z
  .strictObject({
    state: z
      .enum(['closed', 'open', 'half_open', 'cooling', 'draining', 'left_out'])
      .describe(
        'closed: it takes requests; open: it failed and is left alone; half_open: it is being tried; cooling: it asked ' +
          'to be left alone; draining: it takes nothing new; left_out: it cannot be used, the log says why',
      ),
    inFlight: z.int().describe('Requests that it is answering'),
    consecutiveFailures: z.int().describe('Failed requests and checks since it last answered'),
    lastError: z.strictObject({ message: z.string(), at: z.string() }).nullable(),
    latencyMs: z.number().nullable().describe('Mean time to the first byte of its latest answers'),
  })
  .describe('As this replica sees it; each learns for itself');

const exampleHealth = { state: 'closed', inFlight: 3, consecutiveFailures: 0, lastError: null, latencyMs: 41.5 };
export const liveUpstreamSchema = z
  .strictObject({ ...upstreamSchema.shape, health: healthSchema })
  .meta({ example: { ...(upstreamSchema.meta()?.['example'] as object), health: exampleHealth } });
export type LiveUpstream = z.output<typeof liveUpstreamSchema>;

interface Seen {
  stored: StoredUpstream;
  /** The model as requests see it; `undefined` where they do not see it yet. */
  model: CatalogModel | undefined;
  health: UpstreamHealth;
  /** Of the clock that the health is told by. */
  nowMs: number;
}

function stateOf({ stored: { id }, model, health, nowMs }: Seen): LiveUpstream['health']['state'] {
  if (model?.upstreams.some(upstream => upstream.id === id) === true) return health.state(nowMs);
  return model?.drained.some(upstream => upstream.id === id) === true ? 'draining' : 'left_out';
}

export function liveUpstreamOf(modelId: string, seen: Seen): LiveUpstream {
  const { inFlight, record } = seen.health;
  const { consecutiveFailures, lastError, firstByteMs } = record;
  return {
    ...upstreamOnTheWire(modelId, seen.stored),
    health: {
      state: stateOf(seen),
      inFlight,
      consecutiveFailures,
      lastError: lastError && { message: lastError.message, at: lastError.at.toISOString() },
      latencyMs: firstByteMs === null ? null : Math.round(firstByteMs * 10) / 10,
    },
  };
}

export const trialOutcomeSchema = z
  .strictObject({
    ok: z.boolean().describe('Whether it answered as a model does'),
    endpoint: z.string().describe('What it was asked, as the path after its base URL'),
    status: z.int().nullable().describe('Of its answer; null where none came'),
    latencyMs: z.int().describe('Until the whole answer was here, or would not come'),
    model: z.string().optional().describe('What the answer says it is from'),
    error: z.string().optional().describe('What went wrong, in its words or ours'),
  })
  .meta({ example: { ok: true, endpoint: 'chat/completions', status: 200, latencyMs: 84, model: 'Qwen/Qwen3-8B' } });
export type TrialOutcome = z.output<typeof trialOutcomeSchema>;
