/** The time that a user waits for a configuration, ours and the rival's in turn on one thread. */
import { createRng, valueFromUnit } from '@kinetune/study';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { startOurStudy } from './ours.ts';
import type { RivalProcess } from './rival.ts';
import { median, quantile } from '../order-statistics.ts';
import { isRival, type Contender } from './study-spec.ts';

export interface SuggestionTime {
  readonly contender: Contender;
  readonly function: string;
  readonly dimensions: number;
  /** Results in the history. */
  readonly trials: number;
  readonly medianMs: number;
  readonly quartilesMs: readonly [number, number];
  readonly repeats: number;
}

export interface SuggestionTimeOptions {
  readonly contenders: readonly Contender[];
  readonly trials: number;
  readonly repeats: number;
  /** Undefined where the rivals are not measured. */
  readonly rival: RivalProcess | undefined;
}

const WARM_UPS = 3;

/** A history of uniformly random configurations; every suggestion is asked for anew, after a few to warm up. */
export async function suggestionTimes(
  { name, space, evaluate }: BenchmarkFunction,
  { contenders, trials, repeats, rival }: SuggestionTimeOptions,
): Promise<SuggestionTime[]> {
  const rng = createRng('suggestion-times', trials);
  const observed = Array.from({ length: trials }, () => {
    const values = Object.fromEntries(
      space.hyperparameters.map(({ name: key, domain }) => [key, valueFromUnit(domain, rng.next())]),
    );
    return { values, objective: evaluate(values), replicates: 1 };
  });
  const measured = contenders
    .filter((contender) => !isRival(contender) || rival !== undefined)
    .map((contender) => ({ contender, ms: [] as number[] }));
  for (let repeat = -WARM_UPS; repeat < repeats; repeat++) {
    for (const { contender, ms } of measured) {
      const options = { space, seed: repeat + WARM_UPS + 1, observed, budget: 2 * trials, atOnce: 1 };
      const study = isRival(contender) ? await rival?.start(contender, options) : startOurStudy(contender, options);
      const [time] = (await study?.ask(1))?.ms ?? [];
      if (repeat >= 0 && time !== undefined) ms.push(time);
    }
  }
  return measured.map(({ contender, ms }) => ({
    contender,
    function: name,
    dimensions: space.hyperparameters.length,
    trials,
    medianMs: Number(median(ms).toPrecision(3)),
    quartilesMs: [Number(quantile(ms, 0.25).toPrecision(3)), Number(quantile(ms, 0.75).toPrecision(3))],
    repeats,
  }));
}
