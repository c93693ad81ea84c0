import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type Spread, spreadOf } from './statistics.js';

/** One round of one system: figures by name, of which `lower is better` or `higher is better` is the reader's to know. */
export type Figures = Record<string, number>;

export interface Report {
  node: string;
  cpu: string;
  /** Against the first system, round by round. */
  ratios: Record<string, Record<string, Spread>>;
  /** By how much they are above the first system's, round by round. */
  added: Record<string, Record<string, Spread>>;
  /** As measured; the machine's own, not to be compared with another's. */
  figures: Record<string, Record<string, Spread>>;
}

/** @param rounds of each system, in the same order; the first system is what the others are compared with */
export function reportOf(rounds: Map<string, Figures[]>): Report {
  const [base = []] = rounds.values();
  const spreads = (of: (figures: Figures, round: number, name: string) => number) =>
    Object.fromEntries(
      [...rounds].map(([system, results]) => [
        system,
        Object.fromEntries(
          Object.keys(results[0] ?? {}).map(name => [
            name,
            spreadOf(results.map((figures, round) => of(figures, round, name))),
          ]),
        ),
      ]),
    );
  const ofBase = (round: number, name: string): number => base[round]?.[name] ?? Number.NaN;
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    ratios: spreads((figures, round, name) => (figures[name] ?? Number.NaN) / ofBase(round, name)),
    added: spreads((figures, round, name) => (figures[name] ?? Number.NaN) - ofBase(round, name)),
    figures: spreads((figures, _round, name) => figures[name] ?? Number.NaN),
  };
}

const digits = (value: number): string => value.toPrecision(3).replace(/e\+?(-?\d+)$/, 'e$1');
const cell = ({ min, median, max }: Spread): string => `${digits(median)} (${digits(min)} to ${digits(max)})`;

/** A table in Markdown: the median, and the least and the most of the rounds. */
export function tableOf(title: string, rows: Record<string, Record<string, Spread>>): string {
  const names = [...new Set(Object.values(rows).flatMap(row => Object.keys(row)))];
  const lines = Object.entries(rows).map(([system, row]) =>
    [system, ...names.map(name => (row[name] === undefined ? '' : cell(row[name])))].join(' | '),
  );
  return [
    `| ${title} | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...lines.map(line => `| ${line} |`),
  ].join('\n');
}

/** Keeps the report under `bench/results/`. @returns the file */
export function keep(name: string, report: Report): string {
  const folder = join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
