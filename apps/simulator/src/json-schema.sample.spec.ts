import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { sampleOf, type JsonSchema } from './json-schema.sample.js';

const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>(tie => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonSchema>(
      { type: 'string' },
      { type: 'boolean' },
      { type: 'null' },
      { type: ['null', 'number'] },
    ),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(30) }),
    fc.record({ type: fc.constant('string'), maxLength: fc.nat(10) }),
    fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.integer({ min: -50, max: 50 }) }),
    fc.record({ type: fc.constantFrom('integer', 'number'), exclusiveMaximum: fc.integer({ min: -50, max: 50 }) }),
    fc.record({ enum: fc.uniqueArray(fc.string(), { minLength: 1 }) }),
    fc.record({ const: fc.oneof(fc.string(), fc.integer()) }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'name', 'value'), { minLength: 1 }).chain(names =>
      fc.record({
        type: fc.constant('object'),
        properties: fc.record(Object.fromEntries(names.map(name => [name, tie('schema')]))),
        required: fc.constant(names),
        additionalProperties: fc.constant(false),
      }),
    ),
  ),
}));

const check = (schema: JsonSchema) => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const value = sampleOf(schema);
  expect({ value, valid: validate(value), errors: validate.errors }).toMatchObject({ valid: true });
};

describe('the sample of a JSON schema', () => {
  it('fits the schema', () => {
    fc.assert(fc.property(anySchema, check));
  });

  it('follows references, also those that lead back to themselves', () => {
    check({
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
          required: ['value', 'next'],
          additionalProperties: false,
        },
      },
    });
  });
});
