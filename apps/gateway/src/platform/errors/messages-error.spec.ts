import { modelAccessDenied, requestTooLarge, unsupportedMediaType, upstreamError } from './api-errors.js';
import { errorBodyFor } from './messages-error.js';

describe('the body of an error', () => {
  it.each(['/v1/messages', '/some-model/v1/messages', '/v1/messages?beta=true', '/v1/messages/count_tokens'])(
    'is in the words of the Messages API at %s',
    url => {
      expect(errorBodyFor(url, modelAccessDenied())).toEqual({
        type: 'error',
        error: { type: 'permission_error', message: 'Insufficient permissions for this model' },
      });
    },
  );

  it.each(['/v1/chat/completions', '/v1/messages/batches', '/v1/chat/completions?to=/v1/messages/x', '/v1/messagesx'])(
    'is in the words of the contract at %s',
    url => {
      expect(errorBodyFor(url, modelAccessDenied())).toEqual(modelAccessDenied().toBody());
    },
  );

  it.each([
    [requestTooLarge(), 'request_too_large'],
    [unsupportedMediaType(), 'invalid_request_error'],
    [upstreamError('x'), 'api_error'],
  ])('has a type that the Messages API knows: %s', (error, type) => {
    expect(errorBodyFor('/v1/messages', error)).toMatchObject({ error: { type } });
  });
});
