/**
 * Which hyperparameters matter for being among the best: PED-ANOVA (Watanabe, Bansal and Hutter 2023, arXiv 2304.10255) with
 * conditional hyperparameters as in arXiv 2601.20800, held against Optuna's evaluator.
 *
 *   p_top, p_all  Parzen estimates on a grid of at most 50 cells: of the top tenth, of all trials with a value
 *   alpha, beta   share of the top, and of all, in which the hyperparameter is in use
 *   v = (alpha^2 / beta) sum p_all (p_top / p_all - 1)^2
 *
 * Ours: v is compared with what chance gives, by drawing the top tenth at random: `chance` is the share of such draws with a v
 * as large. Among few trials almost every ranking looks decided.
 */
import { createRng, valueCount, type Direction, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { cellCount, cellMapping, parzenOnGrid } from './parzen-on-grid.ts';
import { rankTrials, type RankedTrial } from './rank-trials.ts';
import { showCount, showList, showShare } from './wording.ts';

export const IMPORTANCE_THRESHOLDS = {
  /** The best share of trials; fewer than `fewestTop` of them decide nothing. */
  topShare: 0.1,
  fewestTop: 5,
  /** A hyperparameter whose effect chance gives more often than this is not shown to matter. */
  chance: 0.05,
  /** Draws of a random top tenth. */
  permutations: 200,
} as const;

export const IMPORTANCE_ASSUMPTIONS = [
  'It says what separates the top tenth from the rest, in the ranges that were searched; another range gives another ranking.',
  'Each hyperparameter is looked at alone: one that matters only together with another can look unimportant.',
  'It assumes that the trials cover the space evenly. In an adaptive study the sampler moved towards the best, which hides importance.',
  'A conditional hyperparameter is judged within its branch and weighted by how often the best are there.',
  'Infeasible trials are left out: what makes training diverge is the business of the infeasible-region check.',
] as const;

export interface Importance {
  readonly name: string;
  /** The divergence v of the file's head, as Optuna reports it (v times the squared quantile). */
  readonly divergence: number;
  /** Its part of the sum over hyperparameters, 0 to 1. */
  readonly share: number;
  /** Share of random top tenths with a divergence at least as large. */
  readonly chance: number;
  /** Trials with a value in which it was in use. */
  readonly activeTrials: number;
}

export interface ImportanceNumbers {
  /** The most important first. */
  readonly importances: readonly Importance[];
  readonly topCount: number;
  readonly trialCount: number;
  readonly assumptions: readonly string[];
}

export const IMPORTANCE_VERDICTS = ['some-matter', 'none-shown', 'too-few'] as const;
export type ImportanceCheck = Check<(typeof IMPORTANCE_VERDICTS)[number], ImportanceNumbers>;

export interface ImportanceOptions {
  readonly direction: Direction;
  readonly isAdaptive?: boolean;
  readonly thresholds?: Partial<Record<keyof typeof IMPORTANCE_THRESHOLDS, number>>;
}

/** `trials` of the check are the top ones, best first. */
export function importance(
  space: Space,
  trials: readonly AnalysedTrial[],
  { direction, isAdaptive = false, thresholds }: ImportanceOptions,
): ImportanceCheck {
  const limits = { ...IMPORTANCE_THRESHOLDS, ...thresholds };
  const ranked = rankTrials(trials, direction);
  const cutoff = ranked[Math.ceil(limits.topShare * ranked.length) - 1]?.bestValue;
  const top = ranked.filter(({ bestValue }) =>
    cutoff === undefined ? false : direction === 'maximise' ? bestValue >= cutoff : bestValue <= cutoff,
  );
  const found = space.hyperparameters.map((hyperparameter, index) =>
    judge(hyperparameter, { ranked, top, permutations: limits.permutations, index }),
  );
  const sum = found.reduce((total, { divergence }) => total + divergence, 0);
  const importances = found
    .map((one) => ({ ...one, share: sum === 0 ? 0 : one.divergence / sum }))
    .sort((a, b) => b.divergence - a.divergence);
  const base = {
    numbers: { importances, topCount: top.length, trialCount: ranked.length, assumptions: IMPORTANCE_ASSUMPTIONS },
    trials: top.map(({ number }) => number),
  };
  if (top.length < limits.fewestTop || top.length === ranked.length) {
    const needed = Math.ceil(limits.fewestTop / limits.topShare) - Math.ceil(1 / limits.topShare) + 1;
    const trialCount = Math.max(needed - ranked.length, 1);
    const isEqual = ranked.length > 1 && top.length === ranked.length;
    return {
      ...base,
      verdict: 'too-few',
      status: 'not-known',
      reason: isEqual
        ? `all ${ranked.length} trials have equal values: nothing separates the best`
        : `${showCount(ranked.length, 'trial')} with a value, so that the top ${showShare(limits.topShare)} are ${top.length}: at least ${limits.fewestTop} are needed`,
      next: isEqual ? null : { action: 'add-trials', text: `run ${trialCount} more trials`, trialCount },
    };
  }
  const weak = isAdaptive ? '; weak evidence, for an adaptive sampler did not cover the space evenly' : '';
  const shown = importances.filter(({ chance }) => chance <= limits.chance);
  const rest = importances.filter(({ chance }) => chance > limits.chance).map(({ name }) => name);
  if (shown.length === 0) {
    const reason = `no hyperparameter separates the top ${top.length} from the rest more than chance does${weak}`;
    return { ...base, verdict: 'none-shown', status: 'caution', reason, next: null };
  }
  const ranking = showList(shown.map(({ name, share }) => `${name} (${showShare(share)})`));
  return {
    ...base,
    verdict: 'some-matter',
    status: isAdaptive ? 'caution' : 'pass',
    reason: `${ranking} separate${shown.length === 1 ? 's' : ''} the top ${top.length} of ${ranked.length} from the rest${weak}`,
    next:
      rest.length === 0
        ? null
        : {
            action: 'change-space',
            text: `consider fixing ${showList(rest)}, not shown to matter in this space; each becomes a caveat`,
          },
  };
}

interface Judging {
  readonly ranked: readonly RankedTrial[];
  readonly top: readonly RankedTrial[];
  readonly permutations: number;
  /** The hyperparameter's position in the space, which keys its chance. */
  readonly index: number;
}

function judge(
  { name, domain }: Space['hyperparameters'][number],
  { ranked, top, permutations, index }: Judging,
): Omit<Importance, 'share'> {
  // Cell of each trial's value, in ranked order; -1 where the hyperparameter is not in use.
  const cellOf = cellMapping(domain);
  const cells = Int16Array.from(ranked, ({ values }) => {
    const value = values[name];
    return value === undefined ? -1 : cellOf(value);
  });
  const activeTrials = cells.filter((cell) => cell >= 0).length;
  if (activeTrials < 2 || valueCount(domain) === 1) return { name, divergence: 0, chance: 1, activeTrials };
  const count = cellCount(domain);
  const all = parzenOnGrid(domain, histogram(cells, count));
  const divergenceOf = (chosen: Int16Array): number => {
    const counts = histogram(chosen, count);
    const inUse = counts.reduce((sum, inCell) => sum + inCell, 0);
    if (inUse === 0) return 0;
    const density = parzenOnGrid(domain, counts);
    const alpha = inUse / chosen.length;
    const beta = activeTrials / ranked.length;
    const quantile = chosen.length / ranked.length;
    let pearson = 0;
    for (const [cell, p] of all.entries()) {
      const excess = (density[cell] as number) / p - 1;
      pearson += p * (excess * excess);
    }
    return ((alpha * alpha) / beta) * pearson * quantile * quantile;
  };
  const divergence = divergenceOf(cells.subarray(0, top.length));
  // A random top tenth: the first of a partial shuffle. The same trials give the same draws, in any process.
  const rng = createRng('importance', index, ranked.length);
  const shuffled = cells.slice();
  let asLarge = 0;
  for (let draw = 0; draw < permutations; draw++) {
    for (let i = 0; i < top.length; i++) {
      const j = i + rng.integer(shuffled.length - i);
      const kept = shuffled[i] as number;
      shuffled[i] = shuffled[j] as number;
      shuffled[j] = kept;
    }
    if (divergenceOf(shuffled.subarray(0, top.length)) >= divergence) asLarge += 1;
  }
  return { name, divergence, chance: (asLarge + 1) / (permutations + 1), activeTrials };
}

function histogram(cells: Int16Array, count: number): Float64Array {
  const counts = new Float64Array(count);
  for (const cell of cells) if (cell >= 0) counts[cell] = (counts[cell] as number) + 1;
  return counts;
}
