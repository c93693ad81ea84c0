import type { z } from 'zod';
import { SimulatorError } from './simulator.error.js';

/**
 * A request's body as its endpoint wants it.
 * @throws SimulatorError 400 that names the field
 */
export function parseBody<T>(type: z.ZodType<T>, body: unknown): T {
  const parsed = type.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.join('.') ?? '';
  throw new SimulatorError(400, 'invalid_request', `${param}: ${issue?.message}`, param === '' ? null : param);
}
