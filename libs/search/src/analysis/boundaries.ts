/**
 * Is the space wide enough? The best points near an edge of a hyperparameter's range say no (Deep Learning Tuning Playbook,
 * "Determining whether the search space boundaries are good enough"; practices 46 and 49).
 *
 * Distances are in the scaled space: a tenth of a log range is a tenth of its decades. What counts as near is ours: within
 * 10 % of an edge, or the extreme value of a coarse grid. A verdict needs half of the top trials there, and twice what an
 * even spread of them would give; with the best alone near an edge it is `watch`, since by chance one best point in five is
 * that near to one of two edges. Beyond the trainable region a wider range is no help: an edge that ends in infeasible
 * trials alone, with a top trial beside it, is `edge-of-stability`.
 */
import {
  unitFromValue,
  valueCount,
  type Direction,
  type Domain,
  type Hyperparameter,
  type Space,
} from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import { rankTrials, topCount, type RankedTrial } from './rank-trials.ts';

export const BOUNDARY_VERDICTS = ['inside', 'watch', 'at-edge', 'edge-of-stability', 'too-few'] as const;
export type BoundaryVerdict = (typeof BOUNDARY_VERDICTS)[number];

export interface Boundary {
  readonly name: string;
  readonly verdict: BoundaryVerdict;
  /** The edge that the verdict is about; null for `inside` and `too-few`. */
  readonly edge: 'lower' | 'upper' | null;
  /** One sentence: the numbers and what to do. */
  readonly reason: string;
  /** Top trials looked at, how many of them are near the edge, and where the best lies in [0, 1] of the scaled range. */
  readonly topTrials: readonly number[];
  readonly nearEdge: readonly number[];
  readonly bestUnit: number | null;
  /** Infeasible trials beyond the last feasible one on that side. */
  readonly infeasibleBeyond: readonly number[];
}

const NEAR = 0.1;
/** A value at a tenth of a log range is there to the last digits only. */
const ROUNDING = 1e-9;
/** Fewer completed trials say nothing about a tenth of a range. */
const FEWEST_TRIALS = 5;
const FEWEST_INFEASIBLE = 3;

/** A verdict for each numeric hyperparameter, in the order of the space. */
export function boundaries(space: Space, trials: readonly AnalysedTrial[], direction: Direction): readonly Boundary[] {
  return space.hyperparameters
    .filter(({ domain }) => domain.type !== 'categorical' && valueCount(domain) > 1)
    .map((hyperparameter) => boundaryOf(hyperparameter, trials, direction));
}

function boundaryOf(
  { name, domain }: Hyperparameter,
  trials: readonly AnalysedTrial[],
  direction: Direction,
): Boundary {
  const active = trials.filter(({ values }) => Object.hasOwn(values, name));
  const ranked = rankTrials(active, direction);
  const top = ranked.slice(0, topCount(ranked.length));
  const best = top[0];
  const unitOf = ({ values }: AnalysedTrial): number => unitFromValue(domain, values[name] as number);
  const seen = { name, topTrials: top.map(({ number }) => number), bestUnit: best === undefined ? null : unitOf(best) };
  if (best === undefined || ranked.length < FEWEST_TRIALS) {
    const reason = `${ranked.length} completed trials: at least ${FEWEST_TRIALS} are needed to judge the edges`;
    return { ...seen, verdict: 'too-few', edge: null, reason, nearEdge: [], infeasibleBeyond: [] };
  }
  const sides = (['lower', 'upper'] as const).map((edge) => sideOf(edge, { domain, active, ranked, top, unitOf }));
  const gravest = (['edge-of-stability', 'at-edge', 'watch'] as const)
    .map((verdict) => sides.find((one) => one.verdict === verdict))
    .find((one) => one !== undefined);
  if (gravest === undefined) {
    const reason = `the best lies at ${percent(unitOf(best))} of the range and the top ${top.length} do not crowd an edge`;
    return { ...seen, verdict: 'inside', edge: null, reason, nearEdge: [], infeasibleBeyond: [] };
  }
  return { ...seen, ...gravest };
}

interface Looking {
  readonly domain: Domain;
  readonly active: readonly AnalysedTrial[];
  readonly ranked: readonly RankedTrial[];
  readonly top: readonly RankedTrial[];
  readonly unitOf: (trial: AnalysedTrial) => number;
}

type Side = Pick<Boundary, 'verdict' | 'edge' | 'reason' | 'nearEdge' | 'infeasibleBeyond'>;

function sideOf(edge: 'lower' | 'upper', { domain, active, ranked, top, unitOf }: Looking): Side {
  // Distance from this edge, 0 to 1; a grid's extreme value lies half a cell inside.
  const distance = (trial: AnalysedTrial): number => (edge === 'lower' ? unitOf(trial) : 1 - unitOf(trial));
  const cell = 1 / valueCount(domain);
  const reach = Math.max(NEAR, cell);
  const near = top.filter((trial) => distance(trial) <= reach + ROUNDING);
  const nearEdge = near.map(({ number }) => number);
  const share = near.length / top.length;
  const beyond = infeasibleBeyond(active, distance);
  const feasibleNearer = (trial: AnalysedTrial): number =>
    ranked.filter((other) => distance(other) < distance(trial)).length;
  const best = top[0] as RankedTrial;
  if (beyond.length >= FEWEST_INFEASIBLE && feasibleNearer(best) <= 2) {
    const reason = `all ${beyond.length} trials beyond the ${edge} end of the trainable region are infeasible and the best lies beside it: a stability limit, not a range too narrow; try warm-up or gradient clipping`;
    return {
      verdict: 'edge-of-stability',
      edge,
      reason,
      nearEdge,
      infeasibleBeyond: beyond.map(({ number }) => number),
    };
  }
  const numbers = `${near.length} of the top ${top.length} within ${percent(reach)} of the ${edge} edge`;
  const infeasible = beyond.map(({ number }) => number);
  if (share >= 0.5 && share >= 2 * reach) {
    const note = infeasible.length === 0 ? '' : `; ${infeasible.length} infeasible beyond them`;
    return {
      verdict: 'at-edge',
      edge,
      reason: `${numbers}${note}: widen the range there`,
      nearEdge,
      infeasibleBeyond: infeasible,
    };
  }
  if (near.includes(best) && 2 * reach < 0.5) {
    const reason = `the best is near the ${edge} edge, but only ${numbers}: may be chance, more trials would tell`;
    return { verdict: 'watch', edge, reason, nearEdge, infeasibleBeyond: infeasible };
  }
  return { verdict: 'inside', edge: null, reason: '', nearEdge, infeasibleBeyond: infeasible };
}

/** The infeasible trials nearer to the edge than any completed one. */
function infeasibleBeyond(
  active: readonly AnalysedTrial[],
  distance: (trial: AnalysedTrial) => number,
): readonly AnalysedTrial[] {
  const nearestFeasible = Math.min(
    ...active.filter(({ state }) => state === 'COMPLETED' || state === 'PRUNED').map(distance),
  );
  return active.filter((trial) => trial.state === 'INFEASIBLE' && distance(trial) < nearestFeasible);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
