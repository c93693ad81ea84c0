import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ErrorResponses } from '../platform/openapi/index.js';
import { SigningKeys } from './signing-keys.service.js';

const jwksSchema = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.string(),
        crv: z.string(),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        use: z.string(),
        alg: z.string(),
      }),
    ),
  })
  .meta({ example: { keys: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…', kid: '…', use: 'sig', alg: 'ES256' }] } });

@ApiTags('Tokens')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: SigningKeys) {}

  @Get('jwks.json')
  @ApiOperation({ summary: 'The keys that verify access tokens', operationId: 'getJwks', security: [] })
  @ApiResponse({ status: 200, description: 'A JSON Web Key Set', standardSchema: jwksSchema })
  @ErrorResponses()
  jwks() {
    return this.keys.jwks();
  }
}
