import type { Findings } from './findings.js';

const COLUMNS = [
  'scenario',
  'rounds',
  'requests',
  'lost',
  'doubled',
  'tokens wrong',
  'leaked reservations',
  'leaked slots',
  'other',
];

const cells = ({ rounds, requests, lost, doubled, wrong, leakedReservations, leakedSlots, broken }: Findings) => [
  rounds,
  requests,
  lost.size,
  doubled.size,
  wrong.size,
  leakedReservations.size,
  leakedSlots.size,
  broken.size,
];

/** A line for each scenario and one for all of them. @param results by the scenario's name */
export function tableOf(results: ReadonlyMap<string, Findings>): string {
  const rows = [...results].map(([name, findings]) => ({ name, numbers: cells(findings) }));
  const total = COLUMNS.slice(1).map((_, at) => rows.reduce((sum, { numbers }) => sum + (numbers[at] ?? 0), 0));
  const lines = [
    COLUMNS,
    ...[...rows, { name: 'total', numbers: total }].map(({ name, numbers }) => [name, ...numbers.map(String)]),
  ];
  return lines
    .map(line =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(10) : cell.padStart(COLUMNS[at]?.length ?? 0))).join('  '),
    )
    .join('\n');
}
