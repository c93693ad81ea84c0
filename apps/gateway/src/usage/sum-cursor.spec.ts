import fc from 'fast-check';
import { cursorOf, placeOf } from './sum-cursor.js';

const KEYS = ['model', 'credential'] as const;

describe('the cursor of a sum', () => {
  it('is the place that it was made of', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(value => !value.includes('\0'));
    fc.assert(
      fc.property(text, text, text, (model, credentialType, credential) => {
        const cursor = cursorOf({ model, credentialType, credential }, KEYS);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(placeOf(cursor, KEYS)).toEqual([model, credentialType, credential]);
      }),
    );
  });

  it.each([
    ['of other keys', cursorOf({ model: 'm' }, ['model'])],
    ['of the keys in another order', Buffer.from('["credential,model","a","b","c"]').toString('base64url')],
    ['of too few values', Buffer.from('["model,credential","a"]').toString('base64url')],
    ['of a value that is no text', Buffer.from('["model,credential","a","b",7]').toString('base64url')],
    [
      'of a text that Postgres cannot hold',
      Buffer.from('["model,credential","a","b","\\u0000"]').toString('base64url'),
    ],
    ['of no list', Buffer.from('{}').toString('base64url')],
    ['of nothing', ''],
    ['of nonsense', 'nonsense'],
  ])('is refused %s', (_what, cursor) => {
    expect(() => placeOf(cursor, KEYS)).toThrow('after: is no cursor of these sums');
  });
});
