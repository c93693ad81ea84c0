import { authorizationOf, bearerTokenOf, requireBearerToken } from './bearer-token.js';

describe('a bearer token', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   a.b-c_d~e+f/g=  ', 'a.b-c_d~e+f/g='],
  ])('is read from %j', (header, token) => expect(bearerTokenOf(header)).toBe(token));

  it.each([undefined, '', 'Bearer', 'Bearer ', 'abc', 'Basic abc', 'Bearer a b', 'Bearerabc', 'Basic a, Bearer b'])(
    'is not read from %j',
    header => {
      expect(bearerTokenOf(header)).toBeUndefined();
      expect(() => requireBearerToken(header)).toThrow('Invalid authentication token');
    },
  );

  it('has at most 8 KiB', () => {
    expect(requireBearerToken(`Bearer ${'x'.repeat(8192)}`)).toHaveLength(8192);
    expect(() => requireBearerToken(`Bearer ${'x'.repeat(8193)}`)).toThrow('Invalid authentication token');
  });
});

describe('the credential of a data-plane request', () => {
  it.each([
    [{}, undefined],
    [{ authorization: 'Bearer a' }, 'Bearer a'],
    [{ 'x-api-key': 'a' }, 'Bearer a'],
    [{ 'api-key': 'a' }, 'Bearer a'],
    [{ authorization: 'bearer  a', 'x-api-key': 'a', 'api-key': 'a' }, 'bearer  a'],
    [{ 'x-api-key': 'a', 'api-key': 'a' }, 'Bearer a'],
  ])('is read from %j', (headers, credential) => expect(authorizationOf(headers)).toBe(credential));

  it.each([
    { authorization: 'Bearer a', 'x-api-key': 'b' },
    { authorization: 'Bearer a', 'api-key': '' },
    { authorization: 'Basic a', 'api-key': 'a' },
    { authorization: 'Bearer a', 'x-api-key': 'a', 'api-key': 'b' },
    { 'x-api-key': 'a', 'api-key': 'b' },
  ])('is refused where headers differ: %j', headers =>
    expect(() => authorizationOf(headers)).toThrow('Invalid authentication token'),
  );
});
