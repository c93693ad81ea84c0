import { RouteTable } from './route-table.js';

describe('RouteTable', () => {
  const table = new RouteTable();
  table.add('GET', '/maas-api/v1/tokens');
  table.add(['POST', 'HEAD'], '/maas-api/v1/tokens');
  table.add('DELETE', '/maas-api/v1/tokens/:jti');
  table.add('GET', '/docs/*');

  it('knows every method of a path', () => {
    expect(table.methodsOf('/maas-api/v1/tokens')).toEqual(['GET', 'HEAD', 'POST']);
  });
  it('matches parameters and wildcards', () => {
    expect(table.methodsOf('/maas-api/v1/tokens/x')).toEqual(['DELETE']);
    expect(table.methodsOf('/docs/a/b')).toEqual(['GET']);
  });
  it('knows no method of an unknown path, nor of an empty parameter', () => {
    expect(table.methodsOf('/maas-api/v1/tokens/')).toEqual([]);
    expect(table.methodsOf('/nowhere')).toEqual([]);
  });
});
