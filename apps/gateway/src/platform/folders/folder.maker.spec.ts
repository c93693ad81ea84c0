import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './folder.maker.js';

describe('a folder', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'maas-folders-'));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is made with the parents that are missing, each of the mode', () => {
    makeFolder(join(root, 'a', 'b', 'c'), 0o700);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(root, path)).mode & 0o777).toBe(0o700);
  });

  it('that is there already is left as it is', () => {
    makeFolder(join(root, 'a'), 0o700);
    makeFolder(join(root, 'a'), 0o711);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
  });

  it('is not made over or below a file', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolder(join(root, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder(join(root, 'file', 'below'))).toThrow('ENOTDIR');
    expect(() => makeFolder(join(root, 'file', 'far', 'below'))).toThrow('ENOTDIR');
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each(['/proc/x', '/proc/x/y', '/proc/1/x'])('is given up where the system makes none: %s', path => {
    expect(() => makeFolder(path)).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
