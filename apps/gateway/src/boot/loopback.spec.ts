import { isLoopback } from './loopback.js';

describe('a loopback listener', () => {
  it.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '::ffff:127.0.0.1'])('is %s', host =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'gateway.example'])('is not %s', host =>
    expect(isLoopback(host)).toBe(false),
  );
});
