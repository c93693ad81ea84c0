// `prisma generate` needs no engine, but looks for one and would download it. Naming any executable
// that exists stops the search, so that a machine without a way to the download host can build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const output = 'apps/gateway/src/platform/database/generated';
const stamp = `${output}/.schema-hash`;
const require = createRequire(import.meta.url);
const version = require('prisma/package.json').version;
const hash = createHash('sha256').update(readFileSync('prisma/schema.prisma')).update(version).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  const result = spawnSync(process.execPath, [require.resolve('prisma/build/index.js'), 'generate', '--no-hints'], {
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout}${result.stderr}`);
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, hash);
}
