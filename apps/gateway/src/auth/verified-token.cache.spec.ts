import { VerifiedTokenCache } from './verified-token.cache.js';

const verified = (jti: string, expiresAtMs = 1000) => ({ jti, subject: 'someone', expiresAtMs });

describe('VerifiedTokenCache', () => {
  it('knows what it was told', () => {
    const cache = new VerifiedTokenCache(2);
    cache.set('a', verified('1'));
    expect(cache.get('a')).toEqual(verified('1'));
    expect(cache.get('b')).toBeUndefined();
  });

  it('forgets the oldest where it is full', () => {
    const cache = new VerifiedTokenCache(2);
    for (const token of ['a', 'b', 'c']) cache.set(token, verified(token));
    expect(['a', 'b', 'c'].map(token => cache.get(token)?.jti)).toEqual([undefined, 'b', 'c']);
  });

  it('takes no credential for another that ends alike', () => {
    const cache = new VerifiedTokenCache(2);
    const tail = 'x'.repeat(32);
    cache.set(`a${tail}`, verified('1'));
    expect(cache.get(`b${tail}`)).toBeUndefined();
    expect(cache.get(tail)).toBeUndefined();
  });

  it('forgets what has expired, and nothing else', () => {
    const cache = new VerifiedTokenCache(5);
    cache.set('early', verified('1', 1000));
    cache.set('late', verified('2', 1001));
    cache.prune(1000);
    expect(cache.get('early')).toBeUndefined();
    expect(cache.get('late')).toBeDefined();
  });

  it('drops nothing when a full cache is told again of a token that it knows', () => {
    const cache = new VerifiedTokenCache(2);
    for (const token of ['a', 'b', 'b']) cache.set(token, verified(token));
    expect(cache.get('a')).toBeDefined();
  });
});
