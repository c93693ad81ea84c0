import { parseFaults, UnknownFaultError } from './faults.js';

describe('faults', () => {
  it('are none without a header and with an ordinary model name', () => {
    expect(parseFaults(undefined, 'qwen3')).toEqual({});
  });

  it('are read from the header, comma-separated', () => {
    expect(parseFaults('status=503, retry-after=2,no-usage', 'qwen3')).toEqual({
      status: 503,
      retryAfterSeconds: 2,
      noUsage: true,
    });
  });

  it('are read from the model name, in slug form', () => {
    expect(parseFaults(undefined, 'fault-cut-after-3')).toEqual({ cutAfter: 3 });
    expect(parseFaults(undefined, 'fault-status-503.retry-after-2')).toEqual({ status: 503, retryAfterSeconds: 2 });
    expect(parseFaults(undefined, 'fault-gzip.crlf.comments.error-after-2')).toEqual({
      gzip: true,
      crlf: true,
      comments: true,
      errorAfter: 2,
    });
    expect(parseFaults(undefined, 'fault-no-usage.tokens-500')).toEqual({ noUsage: true, tokens: 500 });
  });

  it('may ask for gigabytes, but not for as many tokens', () => {
    expect(parseFaults('bytes=1073741824', undefined)).toEqual({ bytes: 1_073_741_824 });
    expect(() => parseFaults('tokens=1073741824', undefined)).toThrow(UnknownFaultError);
  });

  it.each(['status=200', 'cut-after', 'nothing', ''])('refuse the directive "%s"', directive => {
    expect(() => parseFaults(directive, undefined)).toThrow(UnknownFaultError);
  });
});
