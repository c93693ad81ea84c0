import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { messagesErrorOf } from '../errors/index.js';

const errorSchema = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.enum([
        'invalid_request_error',
        'permission_error',
        'rate_limit_error',
        'insufficient_quota',
        'api_error',
      ]),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .describe('The error body of both planes');

const error = (type: string, code: string, message: string, param: string | null = null) => ({
  error: { message, type, param, code },
});

/** An example and a sentence for each status that the gateway can answer with. */
const ERRORS = {
  400: {
    description: 'The request is wrong; `param` names the field',
    example: error('invalid_request_error', 'invalid_request', 'Unknown field: colour', 'colour'),
  },
  401: {
    description: 'No credential, or one that is malformed, forged, expired or revoked',
    example: error('invalid_request_error', 'invalid_api_key', 'Invalid authentication token'),
  },
  403: {
    description: 'The caller is known, but not allowed',
    example: error('permission_error', 'access_denied', 'Insufficient permissions for this model'),
  },
  404: {
    description: 'It does not exist',
    example: error('invalid_request_error', 'not_found', 'There is no such thing'),
  },
  409: {
    description: 'It exists already, or is still needed',
    example: error('invalid_request_error', 'already_exists', "The tier 'gold' exists already"),
  },
  413: {
    description: 'The body is too large',
    example: error('invalid_request_error', 'request_too_large', 'The request body is too large'),
  },
  415: {
    description: 'The body is of another content type than JSON',
    example: error(
      'invalid_request_error',
      'unsupported_media_type',
      'The content type is not supported; send application/json',
    ),
  },
  429: {
    description:
      'A limit is reached; `param` is `requests`, `tokens`, `concurrency` or, with the type `insufficient_quota`, `cost`. ' +
      '`Retry-After` says in how many seconds the same request would be admitted',
    example: error('rate_limit_error', 'rate_limit_exceeded', 'Rate limit exceeded', 'requests'),
  },
  500: {
    description: 'Something is wrong in the gateway; its log has it under the request id',
    example: error('api_error', 'internal_error', 'Internal error'),
  },
  502: {
    description: "The model's server failed",
    example: error('api_error', 'upstream_error', "The model's server failed"),
  },
  503: {
    description:
      "None of the model's upstreams is healthy (`upstream_unavailable`), or the gateway holds as many request bodies as it may (`overloaded`)",
    example: error('api_error', 'upstream_unavailable', "The model's server cannot be reached"),
  },
  504: {
    description: "The model's server was too slow",
    example: error('api_error', 'upstream_timeout', "The model's server did not answer in time"),
  },
} as const;

const messagesErrorSchema = z
  .strictObject({ type: z.literal('error'), error: z.strictObject({ type: z.string(), message: z.string() }) })
  .describe("The error body of Anthropic's Messages API");

/** Documents the refusals of an operation whose callers speak the Messages API. */
export function MessagesErrorResponses(...statuses: (keyof typeof ERRORS)[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map(status =>
      ApiResponse({
        status,
        description: ERRORS[status].description,
        standardSchema: messagesErrorSchema,
        example: messagesErrorOf({ status, message: ERRORS[status].example.error.message }),
      }),
    ),
  );
}

/**
 * Documents the refusals of an operation in the contract's one shape, with those that need not be named: the 500 of any
 * operation, and the 429 of any that may answer 401, because refused credentials are limited.
 */
export function ErrorResponses(...statuses: (keyof typeof ERRORS)[]): MethodDecorator & ClassDecorator {
  const implied = statuses.includes(401) ? ([429, 500] as const) : ([500] as const);
  return applyDecorators(
    ...[...new Set([...statuses, ...implied])].map(status =>
      ApiResponse({
        status,
        description: ERRORS[status].description,
        standardSchema: errorSchema,
        example: ERRORS[status].example,
      }),
    ),
  );
}
