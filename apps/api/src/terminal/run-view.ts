/** What the terminal shows of a running study, kept up to date from its events. */
import type { Study } from '@kinetune/storage';
import { BUILT_IN_METRICS, isBetter, type Objective } from '@kinetune/study';
import type { RunEvent } from '../agent/run-event.ts';
import type { StudyProgress } from '../agent/study-progress.ts';

export interface TrialView {
  /** See `RunEvent`. */
  readonly name: string;
  readonly startedAtMs: number;
  /** Epoch at which this process took it up. */
  readonly firstEpoch: number;
  readonly totalEpochs: number | undefined;
  readonly epoch: number;
  readonly loss: number | null | undefined;
  readonly score: number | null | undefined;
}

export interface RunView {
  readonly study: string;
  readonly objective: Objective;
  /** The metric that is shown beside the loss: validationAccuracy, or the objective where the trainer has none. */
  readonly score: string;
  /** Trials in the budget. */
  readonly total: number;
  readonly done: number;
  readonly infeasible: number;
  readonly pruned: number;
  readonly failed: number;
  readonly best: { readonly trial: string; readonly value: number } | undefined;
  /** Whether a configuration has several trials: then its mean counts, and no single value does. */
  readonly isAveraged: boolean;
  readonly baseline: { readonly name: string; readonly value: number } | undefined;
  readonly running: ReadonlyMap<string, TrialView>;
  readonly slots: number;
  readonly isStopping: boolean;
  /** Durations of the trials that ran from start to end in this process, ms. */
  readonly durationsMs: readonly number[];
}

/** The view after an event at `nowMs`. */
export function updateRunView(view: RunView, event: RunEvent, nowMs: number): RunView {
  const running = new Map(view.running);
  switch (event.type) {
    case 'trial-started':
      running.set(event.trial, {
        name: event.trial,
        startedAtMs: nowMs,
        firstEpoch: event.resumedFromEpoch,
        totalEpochs: event.totalEpochs,
        epoch: event.resumedFromEpoch,
        loss: undefined,
        score: undefined,
      });
      return { ...view, running };
    case 'trial-progress': {
      const trial = running.get(event.trial);
      if (trial === undefined) return view;
      running.set(event.trial, { ...trial, epoch: event.epoch, loss: event.trainLoss ?? trial.loss });
      return { ...view, running };
    }
    case 'trial-measured': {
      const trial = running.get(event.trial);
      const value = event.values[view.objective.metric];
      const best =
        view.isAveraged || typeof value !== 'number' ? view.best : betterOf(view, { trial: event.trial, value });
      if (trial !== undefined) {
        running.set(event.trial, {
          ...trial,
          epoch: event.epoch,
          loss: event.values.trainLoss ?? trial.loss,
          score: event.values[view.score] ?? trial.score,
        });
      }
      return { ...view, running, best };
    }
    case 'trial-ended': {
      const trial = running.get(event.trial);
      running.delete(event.trial);
      const isWhole = trial !== undefined && trial.firstEpoch === 0 && event.state === 'COMPLETED';
      return {
        ...view,
        running,
        done: view.done + (event.state === 'FAILED' ? 0 : 1),
        infeasible: view.infeasible + (event.state === 'INFEASIBLE' ? 1 : 0),
        pruned: view.pruned + (event.state === 'PRUNED' ? 1 : 0),
        failed: view.failed + (event.state === 'FAILED' ? 1 : 0),
        best:
          view.isAveraged && event.objective !== null
            ? betterOf(view, { trial: String(event.configuration), value: event.objective })
            : view.best,
        durationsMs: isWhole ? [...view.durationsMs, event.durationMs] : view.durationsMs,
      };
    }
    case 'trial-requeued':
    case 'trial-stopped':
      running.delete(event.trial);
      return { ...view, running };
    case 'trials-counted':
      return { ...view, ...tallied(event) };
    case 'stopping':
      return { ...view, isStopping: true };
  }
}

function betterOf({ best, objective }: RunView, candidate: NonNullable<RunView['best']>): RunView['best'] {
  return isBetter(objective.direction, candidate.value, best?.value ?? NaN) ? candidate : best;
}

/** Remaining time, ms; undefined before anything can be said. */
export function estimateRemainingMs(view: RunView, nowMs: number): number | undefined {
  const shares = [...view.running.values()].map((trial) =>
    trial.totalEpochs === undefined ? 0 : Math.min(1, trial.epoch / trial.totalEpochs),
  );
  const trialMs = meanTrialMs(view, nowMs);
  if (trialMs === undefined) return undefined;
  const open = view.total - view.done - view.failed;
  const work = Math.max(0, open - shares.reduce((sum, share) => sum + share, 0));
  // The last trials cannot use all slots: at least the longest remainder of one trial is left.
  const longest = Math.max(0, ...shares.map((share) => 1 - share), open > shares.length ? 1 : 0);
  return trialMs * Math.max(work / Math.max(1, view.slots), longest);
}

function meanTrialMs(view: RunView, nowMs: number): number | undefined {
  const samples = [...view.durationsMs];
  if (samples.length === 0) {
    for (const trial of view.running.values()) {
      if (trial.totalEpochs === undefined) continue;
      const share = (trial.epoch - trial.firstEpoch) / trial.totalEpochs;
      if (share > 0.02) samples.push((nowMs - trial.startedAtMs) / share);
    }
  }
  return samples.length === 0 ? undefined : samples.reduce((sum, value) => sum + value, 0) / samples.length;
}

export interface StartRunViewOptions extends StudyProgress {
  readonly slots: number;
  readonly baselines: readonly { readonly name: string; readonly accuracy: number; readonly macroF1: number }[];
  readonly best: RunView['best'];
  readonly trialsPerConfiguration: number;
}

/** The view before the first event. */
export function startRunView(
  study: Pick<Study, 'name' | 'objective'> & Partial<Pick<Study, 'metrics'>>,
  { counts, slots, baselines, best, total, trialsPerConfiguration }: StartRunViewOptions,
): RunView {
  const regression = baselines.find(({ name }) => name === 'logistic-regression');
  const score = { validationAccuracy: regression?.accuracy, validationMacroF1: regression?.macroF1 } as const;
  const value = score[study.objective.metric as keyof typeof score];
  return {
    study: study.name,
    objective: study.objective,
    score: (study.metrics ?? BUILT_IN_METRICS).some(({ name }) => name === 'validationAccuracy')
      ? 'validationAccuracy'
      : study.objective.metric,
    ...tallied({ counts, total }),
    best,
    isAveraged: trialsPerConfiguration > 1,
    baseline: value === undefined ? undefined : { name: 'logistic regression', value },
    running: new Map(),
    slots,
    isStopping: false,
    durationsMs: [],
  };
}

function tallied({
  counts,
  total,
}: StudyProgress): Pick<RunView, 'total' | 'done' | 'infeasible' | 'pruned' | 'failed'> {
  return {
    total,
    done: counts.COMPLETED + counts.PRUNED + counts.INFEASIBLE,
    infeasible: counts.INFEASIBLE,
    pruned: counts.PRUNED,
    failed: counts.FAILED,
  };
}
