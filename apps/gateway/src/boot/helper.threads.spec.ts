import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { helperThreads, letHelpersYield } from './helper.threads.js';

describe('the threads of V8', () => {
  const folder = mkdtempSync(join(tmpdir(), 'threads-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are told from those that serve by their names', () => {
    for (const [id, name] of [
      ['7', 'MainThread'],
      ['8', 'V8Worker'],
      ['9', 'libuv-worker'],
      ['10', 'V8Worker'],
    ] as const) {
      mkdirSync(join(folder, id));
      writeFileSync(join(folder, id, 'comm'), `${name}\n`);
    }
    expect(helperThreads(folder).toSorted((one, other) => one - other)).toEqual([8, 10]);
  });
});

const named = process.platform === 'linux' && readFileSync('/proc/self/comm', 'utf8').trim() === 'MainThread';

describe('the helpers of V8, where Node.js names its threads', () => {
  (named ? it : it.skip)('yield to the thread that serves', () => {
    const served = getPriority();
    const warnings: string[] = [];
    letHelpersYield(message => warnings.push(message));
    const helpers = helperThreads('/proc/self/task');
    expect(helpers.length).toBeGreaterThan(0);
    expect(helpers.map(thread => getPriority(thread))).toEqual(helpers.map(() => 10));
    expect(getPriority()).toBe(served);
    expect(warnings).toEqual([]);
  });
});
