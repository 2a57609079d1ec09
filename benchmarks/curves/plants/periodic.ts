import type { Plant } from '../plant.ts';
import { logParts, metric, shareByPlace, withoutTrend } from '../statistics.ts';
import { shuffled, type TrainingRows } from '../training.ts';

/** Data in an order: by activity, by person, or another part of the people each epoch. */
export const periodic: Plant = {
  label: 'periodic',
  plant: (healthy, rng) => {
    const { seed } = healthy;
    const kind = rng.integer(3);
    const epochs = Math.max(12, healthy.configuration['epochs'] as number);
    const base = { ...healthy, configuration: { ...healthy.configuration, epochs } };
    if (kind < 2) {
      const [what, by] = kind === 0 ? (['activity', 'labels'] as const) : (['person', 'subjects'] as const);
      return {
        cause: `rows sorted by ${what}`,
        period: 1,
        training: { ...base, order: (rows, epoch) => sortedBy(rows[by], shuffled(seed, rows.labels.length, epoch)) },
      };
    }
    const shards = 4 + rng.integer(2);
    return {
      cause: `every epoch another of ${shards} parts of the activities and people`,
      period: shards,
      training: {
        ...base,
        configuration: { ...base.configuration, epochs: Math.max(8 * shards, epochs), schedule: 'constant' },
        order: (rows, epoch) =>
          shuffled(seed, rows.labels.length, epoch).filter((row) => shardOf(rows, row, shards) === epoch % shards),
      },
    };
  },
  // The detector looks at losses; this at gradient norms within an epoch, and at training accuracy from epoch to epoch.
  statisticName: 'share of the variance of gradient norm (or training accuracy) that its place in the period explains',
  statistic: (run, { period }) => {
    if (period !== null && period > 1) return shareByPlace(withoutTrend(metric(run, 'trainAccuracy')), period);
    const parts = logParts(run);
    const count = parts[0]?.length ?? 0;
    return count < 2 ? null : shareByPlace(parts.slice(Math.floor(parts.length / 4)).flatMap(withoutMean), count);
  },
  atLeast: 0.3,
  excludes: ['rising-train-loss'],
};

/** Stable: rows of the same key keep their order. */
function sortedBy(keys: Int32Array, order: Int32Array): Int32Array {
  return Int32Array.from([...order].sort((a, b) => (keys[a] as number) - (keys[b] as number)));
}

/** An activity is missing from most parts, as when files are read one after another. */
function shardOf({ labels, subjects }: TrainingRows, row: number, shards: number): number {
  return ((labels[row] as number) + ((subjects[row] as number) % 2)) % shards;
}

function withoutMean(values: readonly number[]): readonly number[] {
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - middle);
}
