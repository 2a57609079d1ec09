/** What the studies of all contenders say together: regrets by cell, rank tests, win probabilities, mean ranks. */
import type { RecordedFunction } from './raw-results.ts';
import { YARD_STICK } from './plan.ts';
import { median } from '../order-statistics.ts';
import { holm, pLarger, ranks, winProbability } from './statistics.ts';
import { regretAt, settingName, type Contender, type Setting, type StudyResult } from './study-spec.ts';

export const SEQUENTIAL: Setting = { atOnce: 1, noise: false, infeasible: false };

/** Regrets under this share of the function's interquartile range tie. */
const TIE_SHARE = 1e-6;

export interface Cell {
  readonly contender: Contender;
  readonly function: string;
  readonly setting: Setting;
  readonly trials: number;
}

export interface Evidence {
  readonly functions: readonly RecordedFunction[];
  /** One a seed; undefined when no study of that many trials is there. */
  regrets(cell: Cell): readonly number[] | undefined;
}

export function collectEvidence(studies: readonly StudyResult[], functions: readonly RecordedFunction[]): Evidence {
  const key = ({ contender, function: name }: { contender: Contender; function: string }, setting: Setting): string =>
    `${contender} ${name} ${settingName(setting)}`;
  const groups = Map.groupBy(studies, (study) => key(study, study));
  const smallest = new Map(
    functions.map(({ name, interquartileRange, minimum }) => [
      name,
      minimum === null ? -Infinity : TIE_SHARE * interquartileRange,
    ]),
  );
  return {
    functions,
    regrets(cell) {
      const group = groups.get(key(cell, cell.setting))?.filter(({ budget }) => budget >= cell.trials) ?? [];
      if (group.length === 0) return undefined;
      const tie = smallest.get(cell.function) ?? -Infinity;
      return group.map(({ curve }) => Math.max(regretAt(curve, cell.trials), tie));
    },
  };
}

export interface Comparison {
  readonly function: string;
  readonly trials: number;
  readonly rival: Contender;
  readonly ourMedian: number;
  readonly rivalMedian: number;
  readonly ourSeeds: number;
  readonly rivalSeeds: number;
  /** One-sided p that ours is worse, and that it is better; Holm-corrected over the functions and numbers of trials. */
  readonly pWorse: number;
  readonly pBetter: number;
}

export interface CompareOptions {
  /** Ours is compared with the one of the lowest median in each cell. */
  readonly rivals: readonly Contender[];
  readonly functions: readonly string[];
  readonly setting: Setting;
  readonly trials: readonly number[];
}

/** One comparison for each function and number of trials that both have studies of. */
export function compare(evidence: Evidence, ours: Contender, options: CompareOptions): Comparison[] {
  const cells = options.functions.flatMap((name) =>
    options.trials.flatMap((trials) => {
      const cell = { function: name, setting: options.setting, trials };
      const our = evidence.regrets({ ...cell, contender: ours });
      const [best] = options.rivals
        .map((rival) => ({ rival, theirs: evidence.regrets({ ...cell, contender: rival }) ?? [] }))
        .filter(({ theirs }) => theirs.length > 0)
        .sort((a, b) => median(a.theirs) - median(b.theirs));
      return our === undefined || best === undefined ? [] : [{ name, trials, our, ...best }];
    }),
  );
  const pWorse = holm(cells.map(({ our, theirs }) => pLarger(our, theirs)));
  const pBetter = holm(cells.map(({ our, theirs }) => pLarger(theirs, our)));
  return cells.map(({ name, trials, our, rival, theirs }, i) => ({
    function: name,
    trials,
    rival,
    ourMedian: median(our),
    rivalMedian: median(theirs),
    ourSeeds: our.length,
    rivalSeeds: theirs.length,
    pWorse: pWorse[i]!,
    pBetter: pBetter[i]!,
  }));
}

/** The probability of beating Sobol with twice the trials; undefined where one of the two was not run. */
export function winAgainstYardStick(evidence: Evidence, cell: Cell): number | undefined {
  const ours = evidence.regrets(cell);
  const yardStick = evidence.regrets({
    contender: YARD_STICK,
    function: cell.function,
    setting: SEQUENTIAL,
    trials: 2 * cell.trials,
  });
  return ours === undefined || yardStick === undefined ? undefined : winProbability(ours, yardStick);
}

export interface MeanRanks {
  readonly functions: readonly string[];
  /** Best first. */
  readonly ranks: readonly { readonly contender: Contender; readonly meanRank: number }[];
}

/** Mean over the functions, all contenders run on, of the rank of the median regret. */
export function meanRanks(
  evidence: Evidence,
  contenders: readonly Contender[],
  { setting, trials }: { readonly setting: Setting; readonly trials: number },
): MeanRanks {
  const medians = evidence.functions.flatMap(({ name }) => {
    const regrets = contenders.map((contender) => evidence.regrets({ contender, function: name, setting, trials }));
    return regrets.some((each) => each === undefined)
      ? []
      : [{ name, ranks: ranks(regrets.map((each) => median(each ?? []))) }];
  });
  return {
    functions: medians.map(({ name }) => name),
    ranks: contenders
      .map((contender, i) => ({
        contender,
        meanRank: medians.reduce((sum, row) => sum + row.ranks[i]!, 0) / medians.length,
      }))
      .sort((a, b) => a.meanRank - b.meanRank),
  };
}
