/**
 * Hints at pairs of hyperparameters that act together, to be tuned together (Deep Learning Tuning Playbook, "Extracting insight
 * from experimental results"; practice 25). A screening by least squares, not a proof:
 *
 *   y   normal scores of the objective over the trials with a value: (rank - 1/2) / n through the normal's quantile
 *   x   a range in its own scale as u - 1/2 and (u - 1/2)^2 - 1/12; a choice of m as m - 1 indicators
 *   F   test of adding the products of a pair's linear columns to the additive model of all hyperparameters
 *
 * The strongest pair whose p stays below the limit after Holm's correction joins the model, and the others are looked at again: a
 * strong pair otherwise casts shadows on others that share a hyperparameter with it.
 *
 * Weakness, also said with the result: only a monotone change of one effect along the other is seen (a product), not a ridge
 * that bends; ranks bend additive effects, so that a very steep one can look like an interaction; and a conditional hyperparameter
 * is not looked at, for its absence is no value.
 */
import { parseName, unitMapping, valueCount, type Hyperparameter, type Space } from '@kinetune/study';
import { normalQuantile } from '../numeric/normal.ts';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { Check } from './check.ts';
import { fSurvival } from './statistics/distributions.ts';
import { orthonormalBasis, sumOfSquares, wholeColumn, without, type Remainder } from './statistics/least-squares.ts';
import { rankTrials } from './rank-trials.ts';
import { showCount, showList, showShare } from './wording.ts';

export const INTERACTION_THRESHOLDS = {
  /** After Holm's correction over pairs. */
  significance: 0.05,
  /** Trials beyond the columns of the model, for the test to have something to stand on. */
  spareTrials: 10,
  /** Pairs that are looked for at most. */
  mostPairs: 5,
} as const;

export const INTERACTION_WEAKNESS =
  'A screening by products on ranks: it sees one effect growing or shrinking along another, not ridges that bend; a steep additive effect can look like an interaction; conditional hyperparameters are left out. Confirm a hint by a study that tunes the two together.';

export interface Interaction {
  readonly pair: readonly [string, string];
  /** Of the F test when it joined the model, and after Holm's correction. */
  readonly p: number;
  readonly adjustedP: number;
  /** The part of what the model had left unexplained that the pair explains. */
  readonly share: number;
}

export interface InteractionNumbers {
  /** In the order in which they joined the model, the strongest first. */
  readonly interactions: readonly Interaction[];
  /** Every pair in the first round, the strongest first. */
  readonly firstRound: readonly Interaction[];
  readonly method: string;
  readonly trialCount: number;
}

export const INTERACTION_VERDICTS = ['some', 'none-seen', 'too-few'] as const;
export type Interactions = Check<(typeof INTERACTION_VERDICTS)[number], InteractionNumbers>;

export interface InteractionOptions {
  readonly thresholds?: Partial<Record<keyof typeof INTERACTION_THRESHOLDS, number>>;
}

interface Encoded {
  readonly name: string;
  readonly additive: readonly Float64Array[];
  readonly linear: readonly Float64Array[];
}

export function interactions(
  space: Space,
  trials: readonly AnalysedTrial[],
  { thresholds }: InteractionOptions = {},
): Interactions {
  const limits = { ...INTERACTION_THRESHOLDS, ...thresholds };
  const varied = space.hyperparameters.filter(
    ({ name, domain }) => parseName(name).conditions.length === 0 && valueCount(domain) > 1,
  );
  // The direction turns the sign of y alone, which changes no sum of squares. A trial of a space that lacked one of them is left out.
  const ranked = rankTrials(trials, 'minimise').filter(({ values }) =>
    varied.every(({ name }) => Object.hasOwn(values, name)),
  );
  const y = normalScores(ranked.map(({ bestValue }) => bestValue));
  const encoded = varied
    .map((hyperparameter) => encode(hyperparameter, ranked))
    .filter(({ additive }) => additive.length > 0);
  const model = [new Float64Array(ranked.length).fill(1), ...encoded.flatMap(({ additive }) => additive)];
  const base = { trials: ranked.map(({ number }) => number) };
  const found: Interaction[] = [];
  let firstRound: readonly Interaction[] = [];
  const candidates = pairsOf(encoded);
  const needed = model.length + Math.max(...candidates.map(({ columns }) => columns.length), 0) + limits.spareTrials;
  if (ranked.length < needed || candidates.length === 0) {
    const reason =
      candidates.length === 0
        ? 'fewer than two hyperparameters that are always in use were varied'
        : `${showCount(ranked.length, 'trial')} with a value: ${needed} are needed for a model of ${model.length} columns`;
    const numbers = { interactions: found, firstRound, method: INTERACTION_WEAKNESS, trialCount: ranked.length };
    const missing = needed - ranked.length;
    const next =
      candidates.length === 0
        ? null
        : ({ action: 'add-trials', text: `run ${missing} more trials`, trialCount: missing } as const);
    return { ...base, verdict: 'too-few', status: 'not-known', reason, numbers, next };
  }
  let joining = orthonormalBasis(model.map(wholeColumn));
  let fit: Fit = { candidates, y: wholeColumn(y), columns: 0 };
  let modelColumns = model.length;
  while (
    found.length < limits.mostPairs &&
    fit.candidates.length > 0 &&
    ranked.length >= modelColumns + limits.spareTrials
  ) {
    fit = join(fit, joining);
    const round = testPairs(fit);
    if (found.length === 0) firstRound = round.map(({ hint }) => hint);
    const strongest = round[0];
    if (strongest === undefined || strongest.hint.adjustedP > limits.significance) break;
    found.push(strongest.hint);
    joining = strongest.added;
    modelColumns += strongest.candidate.columns.length;
    fit = { ...fit, candidates: fit.candidates.filter((one) => one !== strongest.candidate) };
  }
  const numbers = { interactions: found, firstRound, method: INTERACTION_WEAKNESS, trialCount: ranked.length };
  if (found.length === 0) {
    const reason = `no pair of ${encoded.length} hyperparameters explains more together than chance does`;
    return { ...base, verdict: 'none-seen', status: 'pass', reason, numbers, next: null };
  }
  const shown = showList(found.map(({ pair, share }) => `${pair.join(' with ')} (${showShare(share)} of the rest)`));
  return {
    ...base,
    verdict: 'some',
    status: 'caution',
    reason: `a hint that these act together: ${shown}`,
    numbers,
    next: {
      action: 'change-space',
      text: `tune ${showList(found.map(({ pair }) => pair.join(' with ')))} together; fix neither`,
    },
  };
}

interface Candidate {
  readonly pair: readonly [string, string];
  /** The products. */
  readonly columns: readonly Remainder[];
}

function pairsOf(encoded: readonly Encoded[]): readonly Candidate[] {
  return encoded.flatMap((a, i) =>
    encoded.slice(i + 1).map((b): Candidate => ({
      pair: [a.name, b.name],
      columns: a.linear.flatMap((left) =>
        b.linear.map((right) => wholeColumn(left.map((value, row) => value * (right[row] as number)))),
      ),
    })),
  );
}

/** Where a model stands: what it leaves of the scores and of the pairs that may join it. */
interface Fit {
  readonly candidates: readonly Candidate[];
  readonly y: Remainder;
  /** Of its basis. */
  readonly columns: number;
}

/** The model grown by orthonormal vectors: only their part is taken away, for that of the others is gone. */
function join({ candidates, y, columns }: Fit, added: readonly Float64Array[]): Fit {
  const [left, ...rests] = without(added, [y, ...candidates.flatMap((candidate) => candidate.columns)]);
  let at = 0;
  return {
    y: left as Remainder,
    candidates: candidates.map(({ pair, columns: own }) => ({ pair, columns: rests.slice(at, (at += own.length)) })),
    columns: columns + added.length,
  };
}

interface TestedPair {
  readonly candidate: Candidate;
  readonly hint: Interaction;
  /** What the pair adds to the model's basis. */
  readonly added: readonly Float64Array[];
}

/** The strongest first, with Holm's step-down correction. */
function testPairs({ candidates, y, columns }: Fit): readonly TestedPair[] {
  const before = sumOfSquares(y.rest);
  // Scores have a variance near 1: what is left below that is rounding (all values equal, or explained to the last).
  const isExplained = before <= 1e-12 * y.rest.length;
  const tested = candidates
    .map((candidate) => {
      const added = isExplained ? [] : orthonormalBasis(candidate.columns);
      if (added.length === 0) return { candidate, added, p: 1, share: 0 };
      const after = sumOfSquares((without(added, [y])[0] as Remainder).rest);
      const spare = y.rest.length - columns - added.length;
      const f = (before - after) / added.length / (after / spare);
      return { candidate, added, p: fSurvival(f, added.length, spare), share: 1 - after / before };
    })
    .sort((a, b) => a.p - b.p);
  let floor = 0;
  return tested.map(({ candidate, added, p, share }, i) => {
    floor = Math.max(floor, Math.min(1, p * (tested.length - i)));
    return { candidate, added, hint: { pair: candidate.pair, p, share, adjustedP: floor } };
  });
}

function encode({ name, domain }: Hyperparameter, trials: readonly AnalysedTrial[]): Encoded {
  if (domain.type === 'categorical') {
    // The first choice is the reference; a choice never seen has an empty column, which the fit leaves out.
    const indicators = domain.choices
      .slice(1)
      .map((choice) => Float64Array.from(trials, ({ values }) => (values[name] === choice ? 1 : 0)));
    return { name, additive: indicators, linear: indicators };
  }
  const unitOf = unitMapping(domain);
  const linear = Float64Array.from(trials, ({ values }) => unitOf(values[name] as number) - 0.5);
  return { name, additive: [linear, linear.map((u) => u * u - 1 / 12)], linear: [linear] };
}

/** Ranks (ties share their mean) through the normal's quantile. */
function normalScores(ascending: readonly number[]): Float64Array {
  const scores = new Float64Array(ascending.length);
  for (let start = 0; start < ascending.length;) {
    let end = start;
    while (end + 1 < ascending.length && ascending[end + 1] === ascending[start]) end += 1;
    const rank = (start + end) / 2 + 1;
    scores.fill(normalQuantile((rank - 0.5) / ascending.length), start, end + 1);
    start = end + 1;
  }
  return scores;
}
