import { dataPlaneUrl } from './data-plane.path.js';

describe('the URL of a data-plane request', () => {
  it.each([
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['//v1//chat/completions/', '/v1/chat/completions'],
    ['/simulator/v1/chat/completions/', '/simulator/v1/chat/completions'],
    ['/simulator//v1/chat/completions?a=//b/', '/simulator/v1/chat/completions?a=//b/'],
    ['///simulator/v1/models///?x', '/simulator/v1/models?x'],
  ])('reaches the route that it means: %s', (url, meant) => {
    expect(dataPlaneUrl(url)).toBe(meant);
  });

  it.each(['/', '//', '/docs//etc/passwd', '/maas-api//v1/tokens', '/maas-api/v1/models/', '/v1/', '/a/b//v1/x', ''])(
    'is the only one that is changed, unlike %j',
    url => {
      expect(dataPlaneUrl(url)).toBe(url);
    },
  );
});
