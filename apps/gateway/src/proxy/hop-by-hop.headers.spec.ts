import fc from 'fast-check';
import { headersToClient, headersToUpstream } from './hop-by-hop.headers.js';

describe('headers that cross', () => {
  it('never are those of the connection, nor those that it names', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^x-[a-z]{1,8}$/)), names => {
        const headers = {
          ...Object.fromEntries(names.map(name => [name, '1'])),
          connection: names.join(' , '),
          te: 'trailers',
          'transfer-encoding': 'chunked',
          accept: '*/*',
        };
        expect(headersToUpstream(headers, {})).toEqual(['accept', '*/*']);
        expect(headersToClient(headers)).toEqual(['accept', '*/*']);
      }),
    );
  });
  it('never are credentials', () => {
    const secrets = {
      authorization: 'x',
      'x-api-key': 'x',
      'api-key': 'x',
      cookie: 'x',
      'x-goog-api-key': 'x',
      'x-auth-token': 'x',
    };
    expect([headersToUpstream(secrets, {}), headersToClient(secrets)]).toEqual([[], []]);
    expect(headersToUpstream({ authorization: 'Bearer x', 'x-api-key': 'x', cookie: 'x', 'x-trace': '1' }, {})).toEqual(
      ['x-trace', '1'],
    );
    expect(
      headersToClient({
        'set-cookie': ['a=b'],
        'www-authenticate': 'x',
        'x-ratelimit-limit-tokens': '1',
        'x-model': '1',
      }),
    ).toEqual(['x-model', '1']);
  });
  it('are not those that the upstream has of its own, nor an encoding that was undone', () => {
    expect(headersToUpstream({ 'x-team': 'theirs', 'x-other': '1' }, { 'x-team': 'ours' })).toEqual(['x-other', '1']);
    const encoded = { 'content-encoding': 'gzip', 'x-model': '1' };
    expect(headersToClient(encoded)).toEqual(['content-encoding', 'gzip', 'x-model', '1']);
    expect(headersToClient(encoded, true)).toEqual(['x-model', '1']);
  });
  it('come as often as they were sent', () => {
    expect(headersToClient({ link: ['<a>', '<b>'] })).toEqual(['link', '<a>', 'link', '<b>']);
  });
});
