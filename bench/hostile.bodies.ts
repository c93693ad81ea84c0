const MIB = 1024 * 1024;
/** Largest body that is allowed by default. */
export const MAX_BODY_BYTES = 32 * MIB;

/** Returns a body of some `length` bytes with the text repeated in its middle. */
function filled(before: string, repeated: string, after: string, length = MAX_BODY_BYTES): Buffer {
  const times = Math.floor((length - before.length - after.length) / repeated.length);
  return Buffer.from(before + repeated.repeat(times) + after);
}

/** A request that costs its reader more than its sender. */
export interface HostileRequest {
  readonly name: string;
  readonly path: string;
  readonly body: Buffer;
}

/** Bodies of the largest allowed sizes, by what made them expensive to read. */
export const hostileRequests = (): HostileRequest[] => {
  const json = (name: string, before: string, repeated: string, after: string): HostileRequest => ({
    name,
    path: '/v1/completions',
    body: filled(before, repeated, after),
  });
  const objects = filled('{"model":"bench","prompt":[', '{},', '{}],"max_tokens":1}');
  return [
    json('text', '{"model":"bench","prompt":"', 'tell me more ', '","max_tokens":1}'),
    json('empty objects', '{"model":"bench","prompt":[', '{},', '{}],"max_tokens":1}'),
    json('an escaped key', '{"\\u0061":1,"model":"bench","x":[', '{},', '{}],"max_tokens":1}'),
    json('members', '{"model":"bench","x":{', '"a":1,', '"b":2},"max_tokens":1}'),
    json('numbers', '{"model":"bench","x":[', '-1.5e+3,', '0],"max_tokens":1}'),
    { name: 'a model that is not known', path: '/nonesuch/v1/completions', body: objects },
    {
      name: 'groups to look up',
      path: '/maas-api/v1/tiers/lookup',
      body: filled('{"groups":[', '{},', '{}]}', 256 * 1024),
    },
    { name: 'fields of a token', path: '/maas-api/v1/tokens', body: filled('{"x":[', '{},', '{}]}', 256 * 1024) },
  ];
};
