import { internalError } from '../platform/errors/index.js';
import { refusalOf } from './token-refusal.js';

describe('refusalOf', () => {
  it.each([
    ['jwt expired', 'the token has expired'],
    ['invalid signature', 'the signature is not valid'],
    ['jwt audience invalid. expected: secret-name', 'the token is for another audience'],
    ['Unexpected token in JSON', 'the token is malformed'],
  ])('tells of "%s" as "%s"', (message, reason) => {
    const refusal = refusalOf(new Error(message));
    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toBe(`Bearer error="invalid_token", error_description="${reason}"`);
  });

  it('keeps a failure of ours apart from a bad token', () => {
    expect(refusalOf(internalError(new Error('no database'))).status).toBe(500);
  });
});
