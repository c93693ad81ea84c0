import { defaultMaxConnections, openFilesLimit } from './open-files.limit.js';

describe('the limit of open files', () => {
  it('is read where the platform tells it', () => {
    const limit = openFilesLimit();
    if (process.platform === 'linux') expect(limit).toBeGreaterThan(0);
    expect(openFilesLimit('/nonexistent')).toBeUndefined();
    expect(openFilesLimit('/dev/null')).toBeUndefined();
  });

  it.each([
    [undefined, 20_000],
    [1_048_576, 20_000],
    [1024, 412],
    [100, 1],
  ])('of %s leads to %d connections', (files, connections) => expect(defaultMaxConnections(files)).toBe(connections));
});
