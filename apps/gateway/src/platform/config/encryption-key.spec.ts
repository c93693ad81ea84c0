import fc from 'fast-check';
import { parseEncryptionKeys } from './encryption-key.js';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes));

describe('encryption keys in text', () => {
  it('are read in hex and in both forms of base64', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.constantFrom('hex', 'base64', 'base64url')), { minLength: 1 }), given => {
        const text = given.map(([bytes, form]) => bytes.toString(form)).join(', ');
        expect(parseEncryptionKeys(text)).toEqual(given.map(([bytes]) => bytes));
      }),
    );
  });

  it.each(['', 'secret', 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(64)},`, `${'a'.repeat(64)};${'b'.repeat(64)}`])(
    'are not found in %j',
    text => {
      expect(parseEncryptionKeys(text)).toBeUndefined();
    },
  );
});
