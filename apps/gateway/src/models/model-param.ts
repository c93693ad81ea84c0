import { ApiParam } from '@nestjs/swagger';

/** Documents the `{model}` of a path. */
export const modelParam = (): MethodDecorator =>
  ApiParam({ name: 'model', description: 'The id of a model', example: 'simulator', schema: { type: 'string' } });
