/**
 * A round's report: every check of one study, the checklist, and a conclusion that stays locked until the five questions are
 * answered or overridden with a reason (practices 21, 45, 68). A plain JSON value; `render-report.ts` writes it.
 */
import { valueCount, type Domain, type Space, type Values } from '@kinetune/study';
import type { AdoptionCard } from './adoption-card.ts';
import { bestOfK, type BestOfK } from './best-of-k.ts';
import { bestSteps, type BestSteps, type SteppedTrial } from './best-steps.ts';
import { boundaries, type Boundary } from './boundaries.ts';
import { checklist, type Checklist } from './checklist.ts';
import type { NextStep } from './check.ts';
import { firstGoodStep } from './curve-noise.ts';
import { designChecks, type DesignChecks } from './design-checks.ts';
import { armsOf, fairness, type Fairness } from './fairness.ts';
import { goodRegion, type GoodRegion } from './good-region.ts';
import { importance, type ImportanceCheck } from './importance.ts';
import { infeasibleRegion, type InfeasibleRegion } from './infeasible-region.ts';
import { interactions, type Interactions } from './interactions.ts';
import { isolations, type Isolation } from './isolation.ts';
import type { ReportInput, ReportStudy } from './report-input.ts';
import { rankTrials } from './rank-trials.ts';
import { refinedSpace, type RefinedSpace } from './refined-space.ts';
import { trainingChecks, trainingLines, type TrainingChecks } from './training-checks.ts';
import { regions, REGIONS_CAVEAT, type Region } from './regions.ts';
import { countConfigurations } from '../halton/finite-space.ts';
import { varianceSources, type VarianceSources } from './variance-sources.ts';

/** Counts up when the report's form changes. */
export const REPORT_VERSION = 2;

export interface ReportTrial {
  readonly trial: number;
  readonly value: number;
  readonly values: Values;
}

export interface RoundReport {
  readonly version: number;
  readonly study: Omit<ReportStudy, 'space' | 'metrics' | 'defaults'> & { readonly spaceVersion: number };
  readonly counts: {
    readonly completed: number;
    readonly pruned: number;
    readonly infeasible: number;
    readonly other: number;
  };
  /** Best first, five at most. */
  readonly best: readonly ReportTrial[];
  readonly checklist: Checklist;
  /** Locked: null, whatever was written. */
  readonly conclusion: string | null;
  readonly isConclusionWritten: boolean;
  /** What a conclusion holds for: fixed values, then overridden questions. */
  readonly caveats: readonly string[];
  readonly boundaries: readonly Boundary[];
  readonly goodRegion: GoodRegion;
  readonly bestOfK: BestOfK;
  readonly infeasible: InfeasibleRegion;
  readonly bestSteps: BestSteps;
  readonly importance: ImportanceCheck;
  readonly interactions: Interactions;
  readonly isolations: readonly Isolation[];
  /** By scientific hyperparameter that is a choice, a small grid or a range. */
  readonly fairness: Readonly<Record<string, Fairness>>;
  readonly variance: VarianceSources;
  readonly adoption: AdoptionCard | null;
  readonly design: DesignChecks;
  readonly training: TrainingChecks;
  readonly refinedSpace: RefinedSpace;
  /** The original study's table, and what it cannot show. */
  readonly regions: readonly Region[];
  readonly regionsCaveat: string;
  readonly next: readonly NextStep[];
}

/** @throws InputError for an override without a reason. */
export function roundReport(input: ReportInput): RoundReport {
  const { study, curves = null, adoption = null, overrides = [], thresholds = {}, legalDomains } = input;
  const { space, direction, isAdaptive } = study;
  const trials = withFirstGoodSteps(input);
  const variance = varianceSources({ ...input.variance, direction, study: trials });
  const retrainSd = variance.numbers.retrain?.standardDeviation ?? null;
  const boundaryOptions = defined({ isAdaptive, legalDomains, thresholds: thresholds.boundaries });
  const found = {
    boundaries: boundaries(space, trials, direction, boundaryOptions),
    goodRegion: goodRegion(space, trials, { direction, retrainSd, ...defined({ thresholds: thresholds.goodRegion }) }),
    bestOfK: bestOfK(trials, { direction, retrainSd, isAdaptive, ...defined({ thresholds: thresholds.bestOfK }) }),
    infeasible: infeasibleRegion(space, trials, defined({ thresholds: thresholds.infeasible })),
    bestSteps: bestSteps(trials, { direction, ...defined({ thresholds: thresholds.bestSteps }) }),
  };
  const list = checklist({ ...found, curves }, { overrides });
  const conclusion = input.conclusion?.trim() ?? '';
  const counted = (state: SteppedTrial['state']): number => trials.filter((trial) => trial.state === state).length;
  const counts = { completed: counted('COMPLETED'), pruned: counted('PRUNED'), infeasible: counted('INFEASIBLE') };
  const shownImportance = importance(space, trials, {
    direction,
    isAdaptive,
    ...defined({ thresholds: thresholds.importance }),
  });
  const refined = refinedSpace(space, trials, {
    direction,
    retrainSd,
    edges: found.boundaries,
    ...defined({ goodRegionThresholds: thresholds.goodRegion, thresholds: thresholds.refinedSpace }),
  });
  const shownInteractions = interactions(space, trials, defined({ thresholds: thresholds.interactions }));
  const design = designChecks(input);
  const training = trainingChecks(input, { refined });
  const arms = fairnessOf(space, trials);
  const { space: _, metrics: __, defaults: ___, ...shownStudy } = study;
  return {
    version: REPORT_VERSION,
    study: { ...shownStudy, spaceVersion: space.version },
    counts: { ...counts, other: trials.length - counts.completed - counts.pruned - counts.infeasible },
    best: rankTrials(trials, direction)
      .slice(0, 5)
      .map(({ number, bestValue, values }) => ({ trial: number, value: bestValue, values })),
    checklist: list,
    conclusion: list.isLocked || conclusion === '' ? null : conclusion,
    isConclusionWritten: conclusion !== '',
    caveats: [
      ...heldFor(space),
      ...list.answers.flatMap(({ question, override }) =>
        override === null
          ? []
          : [
              `"${question}" was overridden${override.by === undefined ? '' : ` by ${override.by}`}: ${override.reason}`,
            ],
      ),
    ],
    ...found,
    importance: shownImportance,
    interactions: shownInteractions,
    isolations: isolations(space, trials, { direction, retrainSd }),
    fairness: arms,
    variance,
    adoption,
    design,
    training,
    refinedSpace: refined,
    regions: regions(space, trials, direction),
    regionsCaveat: REGIONS_CAVEAT,
    next: withinSpace(
      { space, triedCount: trials.length },
      list.isLocked
        ? list.next
        : onceEach([
            ...Object.values(arms).map(({ next }) => next),
            adoption?.next ?? null,
            ...trainingLines(training)
              .filter(({ status }) => status === 'caution' || status === 'fail')
              .map(({ next }) => next),
            shownInteractions.next,
            shownImportance.next,
            study.phase === 'explore' ? refined.next : null,
          ]),
    ),
  };
}

/** Where a curve tells from which step on a trial is as good as it gets, within noise, its best step is that one. */
function withFirstGoodSteps({ study, trials, measured = [] }: ReportInput): readonly SteppedTrial[] {
  const curves = new Map(measured.map((curve) => [curve.number, curve]));
  return trials.map((trial) => {
    const curve = curves.get(trial.number);
    return curve === undefined || trial.firstGoodStep !== undefined
      ? trial
      : { ...trial, firstGoodStep: firstGoodStep(curve, study) };
  });
}

/** Fixed values, those with the same reason in one sentence. */
function heldFor({ fixed }: Space): readonly string[] {
  return [...Map.groupBy(fixed, ({ reason }) => reason)].map(
    ([reason, held]) => `holds for ${held.map(({ name, value }) => `${name} = ${value}`).join(', ')} (${reason})`,
  );
}

function fairnessOf(space: Space, trials: readonly SteppedTrial[]): Readonly<Record<string, Fairness>> {
  return Object.fromEntries(
    space.hyperparameters
      .filter(({ role, domain }) => role === 'scientific' && isComparable(domain))
      .map(({ name }) => [name, armsOf(space, trials, name)] as const)
      .map(([name, arms]) => [name, fairness(arms)]),
  );
}

/** A choice, a grid of few values, or a range, whose parts are compared; the values of a long grid have too few trials each. */
function isComparable(domain: Domain): boolean {
  const count = valueCount(domain);
  return count > 1 && (domain.type === 'categorical' || count <= MOST_GRID_VALUES || count === Infinity);
}

const MOST_GRID_VALUES = 8;

/** Of a space with no configuration left no further trials are asked for. */
function withinSpace(
  { space, triedCount }: { readonly space: Space; readonly triedCount: number },
  steps: readonly NextStep[],
): readonly NextStep[] {
  const count = countConfigurations(space);
  if (triedCount < count || !steps.some(({ action }) => action === 'add-trials')) return steps;
  const text = `all ${count} configurations of the space were tried: widen it, or train them again with other seeds`;
  return [{ action: 'widen-space', text }, ...steps.filter(({ action }) => action !== 'add-trials')];
}

function onceEach(steps: readonly (NextStep | null)[]): readonly NextStep[] {
  const given = steps.filter((step) => step !== null);
  return given.filter((step, i) => given.findIndex(({ text }) => text === step.text) === i);
}

/** Without the entries that are undefined, which options do not take. */
function defined<T extends object>(options: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
