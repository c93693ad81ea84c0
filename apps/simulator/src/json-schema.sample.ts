export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Below this depth only what is required is filled in, so that a schema that contains itself comes to an end. */
const FULL_DEPTH = 4;
const MAX_DEPTH = 64;

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1H',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asSchema = (value: unknown): JsonSchema => (isObject(value) ? value : {});
const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Follows a local JSON pointer (`#`, `#/$defs/name`); undefined where it leads nowhere. */
function resolve(pointer: string, root: JsonSchema): JsonSchema | undefined {
  let at: unknown = root;
  for (const part of pointer.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    if (!isObject(at)) return undefined;
    at = at[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isObject(at) ? at : undefined;
}

function sampleString(schema: Record<string, unknown>): string {
  const format = FORMATS[String(schema.format)];
  if (format !== undefined) return format;
  const text = 'example'.padEnd(asNumber(schema.minLength) ?? 0, ' example');
  return text.slice(0, asNumber(schema.maxLength) ?? text.length);
}

function sampleNumber(schema: Record<string, unknown>, integer: boolean): number {
  const step = asNumber(schema.multipleOf) ?? (integer ? 1 : undefined);
  const least = Math.max(asNumber(schema.minimum) ?? -Infinity, asNumber(schema.exclusiveMinimum) ?? -Infinity);
  const most = Math.min(asNumber(schema.maximum) ?? Infinity, asNumber(schema.exclusiveMaximum) ?? Infinity);
  const fits = (value: number) =>
    value >= least && value <= most && value !== schema.exclusiveMinimum && value !== schema.exclusiveMaximum;
  const grid = step ?? 1;
  const nearLeast = Math.ceil(least / grid) * grid;
  const nearMost = Math.floor(most / grid) * grid;
  const candidates = [grid, 0, nearLeast, nearLeast + grid, nearMost, nearMost - grid, least, (least + most) / 2];
  return candidates.find(value => Number.isFinite(value) && fits(value)) ?? 0;
}

function sampleArray(schema: Record<string, unknown>, root: JsonSchema, depth: number): JsonValue[] {
  const first = Array.isArray(schema.prefixItems) ? (schema.prefixItems as unknown[]) : [];
  const least = asNumber(schema.minItems) ?? 0;
  const wanted = depth < FULL_DEPTH ? Math.max(least, first.length, 1) : least;
  const length = Math.min(wanted, asNumber(schema.maxItems) ?? wanted, schema.items === false ? first.length : wanted);
  return Array.from({ length }, (_, index) => sample(asSchema(first[index] ?? schema.items), root, depth + 1));
}

function sampleObject(schema: Record<string, unknown>, root: JsonSchema, depth: number): JsonValue {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const names = depth < FULL_DEPTH ? [...Object.keys(properties), ...required] : required;
  return Object.fromEntries(
    [...new Set(names)]
      .filter(name => properties[name] !== false)
      .map(name => [name, sample(asSchema(Object.hasOwn(properties, name) ? properties[name] : {}), root, depth + 1)]),
  );
}

function typeOf(schema: Record<string, unknown>): string {
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  // Far down, null ends a chain of nullable references to itself.
  const named = types.find(type => type !== 'null') ?? types[0];
  if (typeof named === 'string') return named;
  if (isObject(schema.properties) || Array.isArray(schema.required)) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : 'string';
}

/** Of several alternatives the first; below the full depth one that ends, so that a linked list does. */
function choose(alternatives: unknown[], depth: number): JsonSchema {
  const leaf = alternatives.find(option => isObject(option) && option.type === 'null');
  return asSchema(depth >= FULL_DEPTH && leaf !== undefined ? leaf : alternatives[0]);
}

function sample(schema: JsonSchema, root: JsonSchema, depth: number): JsonValue {
  if (typeof schema === 'boolean' || depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema.const as JsonValue;
  if (Array.isArray(schema.enum)) return schema.enum[0] as JsonValue;
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref, root) ?? {}, root, depth + 1);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return sample(choose(alternatives, depth), root, depth + 1);
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...own } = schema;
    const merged = (allOf as Record<string, unknown>[]).reduce((all, one) => ({ ...all, ...one }), own);
    return sample(merged, root, depth + 1);
  }
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, root, depth);
    case 'array':
      return sampleArray(schema, root, depth);
    case 'integer':
      return sampleNumber(schema, true);
    case 'number':
      return sampleNumber(schema, false);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleString(schema);
  }
}

/** A value that fits the JSON schema, always the same one. `pattern` and `not` are not looked at. */
export function sampleOf(schema: JsonSchema): JsonValue {
  return sample(schema, schema, 0);
}
