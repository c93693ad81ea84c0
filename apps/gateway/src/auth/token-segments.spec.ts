import { issuerOf, keyIdOf } from './token-segments.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the segments of a token', () => {
  it('name the key and the issuer', () => {
    const token = `${encode({ kid: 'k' })}.${encode({ iss: 'us' })}.x`;
    expect(keyIdOf(token)).toBe('k');
    expect(issuerOf(token)).toBe('us');
  });

  it.each(['', '..', 'a.b', 'a.b.c', `${encode(null)}.${encode(null)}.x`, `${encode({ kid: 7 })}.${encode([])}.x`])(
    'name nothing in %j',
    token => {
      expect(keyIdOf(token)).toBeUndefined();
      expect(issuerOf(token)).toBeUndefined();
    },
  );
});
