/**
 * A pruner at work on a running study. It keeps the curves of all trials that pruners look at, so that a decision reads nothing
 * from the database, and adds to them what each slot has stored.
 */
import { createPruner, type PruningDecision, type TrainingBudget, type TrialCurve } from '@kinetune/search';
import { listTrials, readCurves, type Database, type NewMeasurement, type Study, type Trial } from '@kinetune/storage';
import type { PrunerSettings, TrialState } from '@kinetune/study';

export interface LivePruner {
  /**
   * Judges a trial by what is stored of it: the decision that a process took, and died before it could write it down, is taken
   * again. Undefined where it goes on.
   */
  judge(trial: JudgedTrial): PruningDecision | undefined;
  /** Takes up measurements once they are stored, and judges the trial at each; the first decision to prune, if any. */
  add(trial: JudgedTrial, stored: readonly NewMeasurement[]): PruningDecision | undefined;
  /** Takes up measurements that others have stored, without judging: that is theirs. */
  note(trial: JudgedTrial, stored: readonly NewMeasurement[]): void;
  /** A trial has ended: others may be compared with all of it. */
  end(trialId: string, state: TrialState): void;
}

export type JudgedTrial = Pick<Trial, 'id' | 'number' | 'fold' | 'totalEpochs' | 'totalSteps'>;

/** Undefined for a study that prunes nothing. */
export async function createLivePruner(
  db: Database,
  study: Study,
  settings: PrunerSettings,
): Promise<LivePruner | undefined> {
  if (settings.kind === 'none') return undefined;
  const pruner = createPruner(settings);
  const metrics = watchedMetrics(study, settings);
  const curves = new Map<string, GrowingCurve>();
  const trials = await listTrials(db, study.id);
  const stored = await readCurves(db, study.id, { trialIds: trials.map(({ id }) => id), metrics });
  trials.forEach(({ id, number, fold, state }, index) => {
    const { steps = [], epochs = [], values = {} } = stored[index] ?? {};
    const columns: [string, (number | null)[]][] = metrics.map((name) => [name, [...(values[name] ?? [])]]);
    curves.set(id, {
      number,
      fold,
      state,
      steps: [...steps],
      epochs: [...epochs],
      values: Object.fromEntries(columns),
    });
  });

  const curveOf = ({ id, number, fold }: JudgedTrial): GrowingCurve => {
    const known = curves.get(id);
    if (known !== undefined) return known;
    const values = Object.fromEntries(metrics.map((name) => [name, []]));
    const curve: GrowingCurve = { number, fold, state: 'RUNNING', steps: [], epochs: [], values };
    curves.set(id, curve);
    return curve;
  };
  /** Judges the curve as far as its measurement `index`. */
  const judgeAt = (trial: JudgedTrial, index: number): PruningDecision | undefined => {
    const budget = budgetOf(trial);
    if (budget === undefined || index < 0) return undefined;
    const decision = pruner({
      trial: cut(curveOf(trial), index + 1),
      others: [...curves.values()],
      objective: study.objective,
      budget,
    });
    return decision.verdict === 'prune' ? decision : undefined;
  };
  return {
    judge: (trial) => judgeAt(trial, curveOf(trial).steps.length - 1),
    add(trial, measurements) {
      const curve = curveOf(trial);
      curve.state = 'RUNNING';
      const places = measurements.map((measurement) => insert(curve, measurement));
      // In order, with all of them there: no decision depends on how they were batched.
      for (const index of places) {
        const decision = judgeAt(trial, index);
        if (decision !== undefined) return decision;
      }
      return undefined;
    },
    note(trial, measurements) {
      for (const measurement of measurements) insert(curveOf(trial), measurement);
    },
    end(trialId, state) {
      const curve = curves.get(trialId);
      if (curve !== undefined) curve.state = state;
    },
  };
}

interface GrowingCurve extends TrialCurve {
  state: TrialState;
  readonly steps: number[];
  readonly epochs: number[];
  readonly values: Readonly<Record<string, (number | null)[]>>;
}

/** The objective and what the settings look at instead. */
function watchedMetrics({ objective }: Study, settings: PrunerSettings): string[] {
  const watched = 'watch' in settings ? settings.watch?.metric : undefined;
  const second = settings.kind === 'patience' ? settings.only?.watch?.metric : undefined;
  return [...new Set([objective.metric, watched, second].filter((metric) => metric !== undefined))];
}

/** Trainers that do not say how long a training is cannot be judged by how far they are. */
function budgetOf({ totalEpochs, totalSteps }: JudgedTrial): TrainingBudget | undefined {
  if (totalEpochs !== null) return { unit: 'epochs', total: totalEpochs };
  return totalSteps === null ? undefined : { unit: 'steps', total: totalSteps };
}

/** Puts a measurement where its step belongs, in place of one that a resumed attempt repeats; gives its position. */
function insert({ steps, epochs, values }: GrowingCurve, measurement: NewMeasurement): number {
  const { step, epoch } = measurement;
  const behind = steps.findLastIndex((other) => other < step) + 1;
  const replaced = steps[behind] === step ? 1 : 0;
  steps.splice(behind, replaced, step);
  epochs.splice(behind, replaced, epoch);
  for (const [name, column] of Object.entries(values)) {
    column.splice(behind, replaced, measurement.values[name] ?? null);
  }
  return behind;
}

function cut(curve: GrowingCurve, length: number): TrialCurve {
  const { steps, epochs, values } = curve;
  return {
    ...curve,
    steps: steps.slice(0, length),
    epochs: epochs.slice(0, length),
    values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column.slice(0, length)])),
  };
}
