import { parseEnvironment } from './environment.js';

const HOUR_MS = 3_600_000;

describe('variables that belong together', () => {
  it.each([
    [{}, 4 * HOUR_MS],
    [{ MAAS_TOKEN_MAX_TTL: '1h' }, HOUR_MS],
    [{ MAAS_TOKEN_MAX_TTL: '5h' }, 4 * HOUR_MS],
    [{ MAAS_TOKEN_MAX_TTL: '1h', MAAS_TOKEN_DEFAULT_TTL: '1h' }, HOUR_MS],
  ])('make tokens live 4h, or as long as they may: %j', (variables, ms) => {
    expect(parseEnvironment(variables).MAAS_TOKEN_DEFAULT_TTL).toBe(ms);
  });

  it('are told apart where they contradict each other: how long tokens live', () => {
    expect(() => parseEnvironment({ MAAS_TOKEN_MAX_TTL: '1h', MAAS_TOKEN_DEFAULT_TTL: '90m' })).toThrow(
      /^MAAS_TOKEN_DEFAULT_TTL: "90m" is not allowed; allowed is a duration up to that of MAAS_TOKEN_MAX_TTL, 1h0m0s$/,
    );
  });

  it.each([
    { PORT: '9090' },
    { METRICS_PORT: '8080' },
    { PORT: '80', METRICS_PORT: '80', HOST: '::1', METRICS_HOST: '::1' },
    { PORT: '80', METRICS_PORT: '80', HOST: '0.0.0.0' },
    { PORT: '80', METRICS_PORT: '80', METRICS_HOST: '::' },
  ])('are told apart where they contradict each other: where the listeners are, as in %j', variables => {
    expect(() => parseEnvironment(variables)).toThrow(
      /^PORT and METRICS_PORT: both are \d+ on .+; allowed are two ports, or 0 for any free one$/,
    );
  });

  it.each([
    { PORT: '0', METRICS_PORT: '0' },
    { PORT: '80', METRICS_PORT: '80', HOST: '10.0.0.1' },
  ])('may say the same where they are of two listeners all the same: %j', variables => {
    expect(() => parseEnvironment(variables)).not.toThrow();
  });
});
