import { ApiError, invalidCredential } from '../platform/errors/index.js';

const REASONS: [RegExp, string][] = [
  [/^jwt expired/, 'the token has expired'],
  [/^jwt not active/, 'the token is not valid yet'],
  [/^invalid signature|^jwt signature is required|signatures must be/i, 'the signature is not valid'],
  [/^invalid algorithm/, 'the algorithm is not allowed'],
  [/^jwt audience invalid/, 'the token is for another audience'],
];

/**
 * The 401 of a token that the gateway did not issue. It is the same for an identity token, valid or not, and for any other
 * text, so that it confirms no guess.
 */
export const notOfThisGateway = (): ApiError =>
  invalidCredential(
    'not an access token of this gateway; exchange an identity token for one with POST /maas-api/v1/tokens',
  );

/**
 * What to answer where a token did not pass. The verifier's own messages stay inside: they name what was expected.
 * @param failure the reason as `passport-jwt` tells it
 */
export function refusalOf(failure: unknown): ApiError {
  if (failure instanceof ApiError) return failure;
  const message = failure instanceof Error ? failure.message : '';
  return invalidCredential(
    REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'the token is malformed',
    failure,
  );
}
