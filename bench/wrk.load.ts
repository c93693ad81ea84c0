import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QUESTION } from './completion.answer.js';

export interface LoadResult {
  requests: number;
  requestsPerSecond: number;
  latencyMs: { p50: number; p90: number; p99: number };
}

export const hasWrk = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

function latency(text: string, percentile: number): number {
  const [, value, unit] = new RegExp(`^\\s+${percentile}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
  return Number(value) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
}

/**
 * As many requests as the system takes, on kept-alive connections.
 * @throws Error where any request failed: a figure with errors in it says nothing
 */
export async function loadWithWrk(
  url: string,
  headers: Record<string, string>,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-wrk-'));
  const script = join(folder, 'question.lua');
  const lines = Object.entries({ 'content-type': 'application/json', ...headers });
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.body = '${QUESTION}'\n${lines.map(([name, value]) => `wrk.headers["${name}"] = "${value}"`).join('\n')}\n`,
  );
  try {
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', args);
    const failed = /Non-2xx|Socket errors/.exec(stdout);
    if (failed !== null) throw new Error(`requests failed:\n${stdout}`);
    return {
      requests: number(stdout, /^\s+(\d+) requests in/m),
      requestsPerSecond: number(stdout, /^Requests\/sec:\s+([\d.]+)/m),
      latencyMs: { p50: latency(stdout, 50), p90: latency(stdout, 90), p99: latency(stdout, 99) },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
