import type { INestApplication } from '@nestjs/common';
import { z } from 'zod';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Nest would write the schemas of OpenAPI 3.0; those of 3.1 are plain JSON Schema, which more tools understand. */
function toJsonSchema(
  schema: unknown,
  { schemaType }: { schemaType: 'input' | 'output' },
): { schema: object } | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: schemaType });
  return { schema: jsonSchema };
}

/** What is so of every operation, and would be noise at each. */
const DESCRIPTION = `One door to an organisation's language models: tokens, tiers, metered OpenAI endpoints.

A path that is not in this document is answered with 404 \`not_found\`, a method that a path does not have with 405
\`method_not_allowed\` and the header \`Allow\`, and an \`Expect\` other than \`100-continue\` with 417. Every answer has the
header \`X-Request-Id\`, under which the gateway's log has what went wrong.`;

/** The document of the whole contract, made from the code. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('maas-gateway')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An identity token to issue tokens, an access token for all else',
    })
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An access token; `api-key` is taken alike' },
      'apiKey',
    )
    .addTag('Tokens', 'Short-lived access tokens')
    .addTag('Models', 'What the caller may use')
    .addTag('Tiers', 'Subscription tiers and their limits')
    .addTag('Completions', 'Texts by a model')
    .addTag('Messages', "Texts by a model, in the words of Anthropic's API")
    .addTag('Embeddings', 'Texts as vectors, ranks, scores and tokens')
    .addTag('Images', 'Pictures by a model')
    .addTag('Audio', 'Speech by a model')
    .addTag('Usage', 'What was used')
    .addTag('Administration', "The operator's side")
    .addTag('Health', 'Probes')
    .build();
  return SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    standardSchemaConverter: toJsonSchema,
  });
}
