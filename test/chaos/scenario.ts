import type { PostgresServer } from '../support/postgres-server.js';
import type { Random } from './random.js';
import { Stage, type StageOptions } from './stage.js';
import type { Findings } from './findings.js';

/** How long and how hard a run is. */
export interface Scale {
  killRounds: number;
  concurrency: number;
  /** How long Postgres is away, each time. */
  outageMs: number;
  /** How long load runs before something is done to it. */
  loadMs: number;
  slowReaders: number;
  rushes: number;
  /** Whether the journal's disk is filled too, which takes the right to mount one. */
  fillDisk: boolean;
  /** The most that an upstream may go on working for a client that has left. */
  abortMs: number;
}

export const SHORT: Scale = {
  killRounds: 3,
  concurrency: 100,
  outageMs: 3_000,
  loadMs: 1_000,
  slowReaders: 5,
  rushes: 2,
  fillDisk: false,
  abortMs: 2_000,
};

export const LONG: Scale = {
  killRounds: 30,
  concurrency: 100,
  outageMs: 30_000,
  loadMs: 2_500,
  slowReaders: 50,
  rushes: 10,
  fillDisk: true,
  abortMs: 500,
};

export interface Chaos {
  readonly scale: Scale;
  readonly random: Random;
  readonly postgres: PostgresServer;
  /** The gateway's program; the one that was built where absent. */
  readonly program?: string;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

export interface Scenario {
  /** What holds if nothing was found: a statement about the product. */
  readonly name: string;
  readonly title: string;
  readonly run: (chaos: Chaos) => Promise<Findings>;
}

/** Opens a stage, hands it to the play, and closes it whatever happens. */
export async function onStage<T>(
  { postgres, program }: Chaos,
  name: string,
  options: Pick<StageOptions, 'env' | 'dataDir'>,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await Stage.open({ postgres, name, program, ...options });
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}
