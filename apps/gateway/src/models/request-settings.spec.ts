import fc from 'fast-check';
import { CAPS } from './output-cap.js';
import { endpointAt } from './endpoint.js';
import { type ModelRequest, readModelRequest } from './model-request.js';

const SETTINGS = ['model', 'stream', 'stream_options', 'n', 'best_of', ...CAPS];

const read = (bytes: Buffer | string, path = 'chat/completions') =>
  readModelRequest(Buffer.from(bytes), { endpoint: endpointAt(path), strict: false });
const readNow = (bytes: Buffer | string, path?: string): ModelRequest => {
  const request = read(bytes, path);
  if (request instanceof Promise) throw new Error('it was not read at once');
  return request;
};

const small = fc.oneof(fc.nat(), fc.constant(null), fc.boolean());
const bodies = fc.record(
  {
    model: fc.string({ minLength: 1 }),
    stream: fc.oneof(fc.boolean(), fc.constant(null)),
    stream_options: fc.dictionary(fc.string(), small, { maxKeys: 3 }),
    n: small,
    best_of: fc.string(),
    max_tokens: fc.oneof(fc.nat(), fc.constant(null)),
    messages: fc.jsonValue(),
    temperature: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe('the settings of a body', () => {
  it('are those that JSON.parse finds, at the places where they stand', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(undefined, 1, '\t'), (body, indent) => {
        const bytes = Buffer.from(JSON.stringify(body, null, indent));
        const parsed = JSON.parse(bytes.toString()) as Record<string, unknown>;
        const expected = Object.fromEntries(Object.entries(parsed).filter(([name]) => SETTINGS.includes(name)));
        const { settings, layout } = readNow(bytes);
        expect(settings).toEqual(expected);
        for (const [name, value] of Object.entries(expected)) {
          const place = layout?.places[name];
          expect(JSON.parse(bytes.toString('utf8', place?.start, place?.end))).toEqual(value);
        }
        expect(layout?.isEmpty).toBe(Object.keys(parsed).length === 0);
        expect(bytes[layout?.closeAt ?? 0]).toBe(0x7d);
      }),
    );
  });

  it.each([
    ['', 'is empty', 'A JSON body is required'],
    ['[]', 'is no object', 'must be a JSON object'],
    ['"model"', 'is a string', 'must be a JSON object'],
    ['{"model":"a"', 'is not whole', 'not valid JSON'],
    ['{"model":"a"} x', 'goes on after its end', 'not valid JSON'],
    ['{"model":"a","x":tru}', 'has what is no literal', 'not valid JSON'],
    ['{"model":"a","model":"b"}', 'names one twice', 'model is named twice'],
    ['{"model":"a","\\u006dodel":"b"}', 'names one with an escape', 'model is named twice'],
    ['{"model":"a","Model":"b"}', 'names one in another case', '"Model" is not a field of the body; write "model"'],
    ['{"MAX_TOKENS":4000}', 'names a cap in another case', 'write "max_tokens"'],
    ['{"ma\u017fk":1,"\u017ftream":true}', 'has a long s', 'write "stream"'],
    ['{"max_to\u212aens":1}', 'has a Kelvin sign', 'write "max_tokens"'],
    ['{"max_to\\u212aens":1}', 'has an escaped Kelvin sign', 'write "max_tokens"'],
    ['{"\ufb06ream":true}', 'has a ligature', 'write "stream"'],
    ['{"Prompt":["a","b"]}', 'names the prompt in another case', 'write "prompt"'],
    [`{"model":"${'m'.repeat(5000)}"}`, 'has a setting that is too long', 'model is longer than 4096 bytes'],
    [`{"n":[${'1,'.repeat(5000)}1]}`, 'has a setting that is too long', 'n is longer than 4096 bytes'],
    ['{"stream_options":{"Include_Usage":false}}', 'has an option in another case', 'write "include_usage"'],
    [`{${[...Array(1001).keys()].map(n => `"k${n}":1`).join()}}`, 'has too many members', 'more than 1000 members'],
  ])('are refused of %.60s, which %s', (text, _reason, message) => {
    expect(() => readNow(text)).toThrow(message);
  });

  it.each(['{"models":1}', '{"MODE":1}', '{"temperature":1,"TopP":2}', `{"${'\\u004d'.repeat(100)}":1}`])(
    'are not confused with other keys: %s',
    text => {
      expect(readNow(text).settings).toEqual({});
    },
  );

  it('are those of a long body, too', async () => {
    const long = `${'x'.repeat(200_000)} \\" } , \\\\ é`;
    const request = await read(`{"messages":["${long}",{"model":"b"}],"model":"a","n":2}`);
    expect(request.settings).toEqual({ model: 'a', n: 2 });
    await expect(read(`{"messages":["${long}"],"model":"a","model":"b"}`)).rejects.toThrow('model is named twice');
    await expect(read(`{"messages":["${long}","model":"a"}`)).rejects.toThrow('not valid JSON');
    await expect(read(`{"messages":["${long}"],"stream":[1]}`)).rejects.toThrow('stream must be a boolean');
  });

  it('are refused of bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => readNow(bytes)).toThrow('not valid JSON');
  });

  it.each([
    ['"text"', 1],
    ['[]', 1],
    ['[1,2,3]', 1],
    ['["a","b","c"]', 3],
    ['[[1,2],[3]]', 2],
    ['{"id":"x"}', 1],
    ['[{},{},{}]', 3],
  ])('count the prompts of %s', (prompt, count) => {
    expect(readNow(`{"model":"m","prompt":${prompt},"x":[1,2]}`, 'completions').promptCount).toBe(count);
  });
});
