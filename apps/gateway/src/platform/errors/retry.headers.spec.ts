import { retryHeaders } from './retry.headers.js';

describe('retry headers', () => {
  it('round a wait up, and tell clients not to retry where it is over a minute', () => {
    expect(retryHeaders(59_001)).toEqual({ 'retry-after': '60' });
    expect(retryHeaders(60_000)).toEqual({ 'retry-after': '60' });
    expect(retryHeaders(60_001)).toEqual({ 'retry-after': '61', 'x-should-retry': 'false' });
    expect(retryHeaders(1)).toEqual({ 'retry-after': '1' });
    expect(retryHeaders(0)).toEqual({ 'retry-after': '1' });
  });
});
