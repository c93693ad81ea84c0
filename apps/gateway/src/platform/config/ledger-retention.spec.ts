import { parseEnvironment } from './environment.js';

const DAY_MS = 86_400_000;

describe('LEDGER_RETENTION', () => {
  it.each([
    [undefined, 400 * DAY_MS],
    ['31d', 31 * DAY_MS],
    ['0', 0],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseEnvironment({ LEDGER_RETENTION: text }).LEDGER_RETENTION).toBe(ms);
  });

  it('is never shorter than the longest window, which is filled from the ledger at start', () => {
    expect(() => parseEnvironment({ LEDGER_RETENTION: '30d' })).toThrow(
      'LEDGER_RETENTION: "30d" is not allowed; allowed is a duration from 31d to 36500d, such as 400d; 0 keeps entries for ever',
    );
  });
});
