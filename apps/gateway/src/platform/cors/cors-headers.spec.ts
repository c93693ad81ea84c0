import fc from 'fast-check';
import { allowedHeaders, withCors } from './cors-headers.js';
import { CorsOrigins } from './cors-origins.js';

describe('allowed origins', () => {
  it('are compared as browsers send them', () => {
    const origins = new CorsOrigins(['https://Chat.example.com:443', 'http://localhost:3000', 'app://desk']);
    for (const origin of ['https://chat.example.com', 'http://localhost:3000', 'app://desk'])
      expect(origins.allow(origin)).toBe(origin);
    for (const origin of ['http://chat.example.com', 'https://chat.example.com.evil.test', 'null', '', undefined])
      expect(origins.allow(origin)).toBeUndefined();
    expect(new CorsOrigins(['*']).allow('https://anything.test')).toBe('*');
    expect(new CorsOrigins([]).none).toBe(true);
  });

  it.each(['chat.example.com', 'https://', 'https://a/', 'https://a/b', 'https://*.a', 'null', 'https://u@a'])(
    'cannot be %j',
    entry => expect(() => new CorsOrigins([entry])).toThrow(RangeError),
  );
  it('cannot be any origin and certain ones', () =>
    expect(() => new CorsOrigins(['*', 'https://a'])).toThrow(RangeError));
});

describe('headers of CORS', () => {
  it('allow what SDKs send, and nothing of connections, proxies and cookies', () => {
    expect(allowedHeaders('Authorization,x-stainless-os, openai-organization')).toBe(
      'authorization, x-stainless-os, openai-organization',
    );
    expect(allowedHeaders('x-forwarded-for, forwarded, cookie, te, connection, a b, \r\nx: y, x-api-key')).toBe(
      'x-api-key',
    );
  });

  it('allow only names, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), asked => {
        const allowed = allowedHeaders(asked);
        expect(allowed === '' || allowed.split(', ').every(name => /^[\w!#$%&'*+.^`|~-]+$/.test(name))).toBe(true);
      }),
    );
  });

  it('keep what an answer varies by', () => {
    expect(withCors(['vary', 'Accept', 'a', '1'], [], undefined)).toEqual(['a', '1', 'vary', 'Accept, Origin']);
    expect(withCors({ Vary: 'origin', b: ['1', '2'] }, [], undefined)).toEqual(['b', '1', 'b', '2', 'vary', 'origin']);
    expect(withCors({}, ['Accept-Encoding'], undefined)).toEqual(['vary', 'Accept-Encoding, Origin']);
  });
});
