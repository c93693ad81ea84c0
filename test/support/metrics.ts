import { call } from './answer.js';
import type { Gateway } from './gateway.js';

export const metricsPath = (gateway: Gateway): string => new URL('/metrics', gateway.metricsUrl).href;

/** What the gateway tells Prometheus. */
export const scrape = async (gateway: Gateway): Promise<string> => (await call(metricsPath(gateway))).text;

/** Reads the value of the series whose labels include the given ones. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const line = text.split('\n').find(candidate => {
    const series = /^(\w+)(?:\{(.*)\})? /.exec(candidate);
    return (
      series?.[1] === name && Object.entries(labels).every(([key, value]) => series[2]?.includes(`${key}="${value}"`))
    );
  });
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
