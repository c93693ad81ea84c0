import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Sabotage {
  what: string;
  /** Under `dist/apps/gateway/src`. */
  file: string;
  /** Must stand in the file once. */
  original: string;
  broken: string;
}

/** Builds that break a promise each, to see that the scenarios notice. */
const SABOTAGES: Record<string, Sabotage> = {
  'late-journal': {
    what: 'an entry is closed in the journal after the last byte of its answer',
    file: 'usage/request-meter.js',
    original: 'this.end = this.enter(this.closing(measured, tokens, cost, lastedMs));',
    broken:
      'const late = this.closing(measured, tokens, cost, lastedMs); this.end = Promise.resolve(); setImmediate(() => this.enter(late));',
  },
  'dropped-settle': {
    what: 'the reservation of a client that leaves is never settled',
    file: 'usage/request-meter.js',
    original: 'this.reservation?.settle(',
    broken: "if (measured.outcome !== 'client_aborted') this.reservation?.settle(",
  },
  'fixed-window': {
    what: 'windows are fixed and do not slide',
    file: 'tiers/quota/sliding-window.js',
    original: 'return (index + 1) * this.partMs + this.windowMs;',
    broken: 'return (Math.floor((index * this.partMs) / this.windowMs) + 1) * this.windowMs;',
  },
};

export interface BrokenBuild {
  readonly what: string;
  /** The gateway's program. */
  readonly program: string;
  remove(): void;
}

/**
 * Breaks a copy of what was built; the build itself stays as it is.
 * @throws Error where there is no such sabotage, or the code has changed so that it would break nothing
 */
export function sabotage(name: string): BrokenBuild {
  const chosen = SABOTAGES[name];
  if (chosen === undefined) throw new Error(`--sabotage is one of ${Object.keys(SABOTAGES).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'maas-sabotage-'));
  for (const linked of ['node_modules', 'package.json', 'prisma']) symlinkSync(resolve(linked), join(folder, linked));
  const source = join(folder, 'dist', 'apps', 'gateway', 'src');
  cpSync(resolve('dist', 'apps'), join(folder, 'dist', 'apps'), { recursive: true });
  const file = join(source, chosen.file);
  const parts = readFileSync(file, 'utf8').split(chosen.original);
  if (parts.length !== 2) throw new Error(`${chosen.file} no longer holds ${chosen.original}: mend the sabotage`);
  writeFileSync(file, parts.join(chosen.broken));
  return {
    what: chosen.what,
    program: join(source, 'main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
