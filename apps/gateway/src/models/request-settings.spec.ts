import fc from 'fast-check';
import { SETTINGS, settingsOf } from './request-settings.js';

const names = fc.constantFrom(...SETTINGS, 'prompt', 'messages', 'model ', 'Model', 'temperature');
const bodies = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.nat(), fc.string()), { maxKeys: 6 });

describe('the settings of a body', () => {
  it('are those that JSON.parse would find', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(undefined, 1, '\t'), (body, indent) => {
        const expected = Object.fromEntries(
          Object.entries(JSON.parse(JSON.stringify(body)) as object).filter(([name, value]) =>
            name === 'prompt' ? Array.isArray(value) : (SETTINGS as readonly string[]).includes(name),
          ),
        );
        const bytes = Buffer.from(JSON.stringify(body, null, indent));
        expect(settingsOf(bytes)).toEqual(expected);
      }),
    );
  });
  it.each([
    ['', 'is empty'],
    ['[]', 'is no object'],
    ['{"model":"a"', 'is not whole'],
    ['{"model":"a"} x', 'goes on after its end'],
    ['{"model":"a","x":tru}', 'has what is no literal'],
    ['{"model":"a","model":"b"}', 'names one twice'],
    ['{"model":"a","\\u006dodel":"b"}', 'names one with an escape'],
  ])('are not told of %j, which %s', text => {
    expect(settingsOf(Buffer.from(text))).toBeUndefined();
  });
  it('are those of a long body too, whose texts nobody goes through', () => {
    const long = `${'x'.repeat(100_000)} \\" } , \\\\ é`;
    expect(settingsOf(Buffer.from(`{"messages":["${long}",{"model":"b"}],"model":"a","n":2}`))).toEqual({
      model: 'a',
      n: 2,
    });
    expect(settingsOf(Buffer.from(`{"messages":["${long}"],"model":"a","model":"b"}`))).toBeUndefined();
    expect(settingsOf(Buffer.from(`{"messages":["${long}","model":"a"}`))).toBeUndefined();
  });
  it('are not told of bytes that are no UTF-8', () => {
    expect(
      settingsOf(Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff]), Buffer.from('"}')])),
    ).toBeUndefined();
  });
});
