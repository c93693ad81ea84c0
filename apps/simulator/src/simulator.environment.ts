import { z } from 'zod';

const integer = (fallback: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().max(max))
    .default(fallback)
    .describe(`a whole number from 0 to ${max}`);

const schema = z.object({
  SIMULATOR_HOST: z
    .string()
    .regex(/^[^\s/]+$/)
    .default('127.0.0.1')
    .describe('a host name or an IP address'),
  SIMULATOR_PORT: integer(8000, 65_535),
  SIMULATOR_FIRST_TOKEN_DELAY_MS: integer(20, 600_000),
  SIMULATOR_TOKENS_PER_SECOND: integer(200, 1_000_000),
});

export type SimulatorEnvironment = z.output<typeof schema>;

/**
 * Reads the simulator's variables.
 * @throws Error with one line that names the variable, what it held and what is allowed
 */
export function parseSimulatorEnvironment(variables: Record<string, string | undefined>): SimulatorEnvironment {
  // An empty variable is an unset one, as compose files write it.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0]);
  const allowed = schema.shape[name as keyof SimulatorEnvironment].description;
  throw new Error(`${name}: ${JSON.stringify(set[name])} is not allowed; allowed is ${allowed}`);
}
