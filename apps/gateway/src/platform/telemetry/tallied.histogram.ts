import { Gauge, type MetricType, type Registry } from 'prom-client';
import { BOUNDS, type DurationCounts } from './duration.counts.js';

export interface TalliedHistogramOptions {
  registers: Registry[];
  name: string;
  help: string;
  /** What is told at a scrape, by model. */
  read: () => Map<string, DurationCounts>;
}

/**
 * A histogram of durations that are counted elsewhere. prom-client's own has no way to be set, so this is a metric of
 * its simplest kind that tells the series of another.
 */
export class TalliedHistogram extends Gauge<'model' | 'le'> {
  private readonly series: string;

  constructor(private readonly options: TalliedHistogramOptions) {
    const { registers, name, help } = options;
    super({ registers, name, help, labelNames: ['model', 'le'] });
    this.series = name;
  }

  override async get(): ReturnType<Gauge<'model' | 'le'>['get']> {
    const described = await super.get();
    return { ...described, type: 'histogram' as unknown as MetricType, values: this.values() };
  }

  private values() {
    return [...this.options.read()].flatMap(([model, counts]) => {
      const within = counts.cumulative();
      return [
        ...BOUNDS.map((le, at) => ({
          metricName: `${this.series}_bucket`,
          labels: { le, model },
          value: within[at] ?? 0,
        })),
        { metricName: `${this.series}_bucket`, labels: { le: '+Inf', model }, value: counts.count },
        { metricName: `${this.series}_sum`, labels: { model }, value: counts.sumSeconds },
        { metricName: `${this.series}_count`, labels: { model }, value: counts.count },
      ];
    });
  }
}
