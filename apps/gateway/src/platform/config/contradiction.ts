import { formatDuration } from './duration.js';

/** The variables that are held against each other; times in milliseconds. */
interface Together {
  HOST: string;
  PORT: number;
  METRICS_HOST: string;
  METRICS_PORT: number;
  MAAS_TOKEN_DEFAULT_TTL: number;
  MAAS_TOKEN_MAX_TTL: number;
}

/** Listens at every address of the machine, and so at the other listener's too. */
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

const shareAddress = (one: string, other: string): boolean =>
  one === other || ANY_ADDRESS.has(one) || ANY_ADDRESS.has(other);

/**
 * What variables say together that each of them may say alone.
 * @param set the variables as they are set
 * @returns one line that names the variable, what it held and what is allowed, or `undefined`
 */
export function contradictionIn(
  environment: Together,
  set: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { MAAS_TOKEN_DEFAULT_TTL, MAAS_TOKEN_MAX_TTL, HOST, PORT, METRICS_HOST, METRICS_PORT } = environment;
  if (MAAS_TOKEN_DEFAULT_TTL > MAAS_TOKEN_MAX_TTL) {
    const held = JSON.stringify(set['MAAS_TOKEN_DEFAULT_TTL']);
    const longest = formatDuration(MAAS_TOKEN_MAX_TTL);
    return `MAAS_TOKEN_DEFAULT_TTL: ${held} is not allowed; allowed is a duration up to that of MAAS_TOKEN_MAX_TTL, ${longest}`;
  }
  if (PORT === METRICS_PORT && PORT !== 0 && shareAddress(HOST, METRICS_HOST))
    return `PORT and METRICS_PORT: both are ${PORT} on ${HOST}; allowed are two ports, or 0 for any free one`;
  return undefined;
}
