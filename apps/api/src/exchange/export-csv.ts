/** A study as tables: a row a trial, a row a measurement, or both joined. */
import type { Database, Study, Trial } from '@kinetune/storage';
import { csvRecord, type Cell } from './csv.ts';
import { exportedTrials } from './exported-trials.ts';

export const EXPORTED = ['trials', 'measurements', 'all'] as const;
/** `all` is a row a measurement with the columns of its trial before it; a trial without measurements has one row. */
export type Exported = (typeof EXPORTED)[number];

/** The trial's configuration number and what tells its trials apart, in every table. */
const IDENTITY = ['trial', 'replicate', 'seed', 'fold'] as const;
const OUTCOME = ['state', 'reasonCode', 'reason', 'objective', 'bestStep', 'bestEpoch'] as const;
const COSTS = ['weightCount', 'durationMs', 'queuedAt', 'startedAt', 'finishedAt'] as const;

/** Lines of the table, the first one its header. */
export async function* exportCsv(db: Database, study: Study, what: Exported): AsyncIterable<string> {
  const hyperparameters = hyperparameterNames(study);
  const metrics = study.metrics.map(({ name }) => name);
  const measured = ['step', 'epoch', ...metrics.map((name) => `metric.${name}`), 'recordedAt'];
  const ofTrial = [...OUTCOME, ...hyperparameters.map(columnOf), ...metrics.map((name) => `best.${name}`), ...COSTS];
  yield csvRecord([...IDENTITY, ...(what === 'measurements' ? [] : ofTrial), ...(what === 'trials' ? [] : measured)]);
  for await (const { number, exported } of exportedTrials(db, study, { isBestAlone: what === 'trials' })) {
    for (const { trial, measurements } of exported) {
      const identity: Cell[] = [number, trial.replicate, trial.seed, trial.fold];
      const best = measurements.find(({ step }) => step === trial.bestStep);
      const row: Cell[] = [
        trial.state,
        trial.reasonCode,
        trial.reason,
        trial.bestValue,
        trial.bestStep,
        best?.epoch,
        ...hyperparameters.map((name) => (Object.hasOwn(trial.values, name) ? trial.values[name] : null)),
        ...metrics.map((_, index) => best?.values[index]),
        ...costsOf(trial),
      ];
      if (what === 'trials') {
        yield csvRecord([...identity, ...row]);
        continue;
      }
      const before = what === 'all' ? [...identity, ...row] : identity;
      if (what === 'all' && measurements.length === 0) yield csvRecord([...before, ...measured.map(() => null)]);
      for (const { step, epoch, values, recordedAt } of measurements)
        yield csvRecord([...before, step, epoch, ...values, recordedAt]);
    }
  }
}

function costsOf({ weightCount, earlierRunningMs, queuedAt, startedAt, finishedAt }: Trial): readonly Cell[] {
  return [weightCount, earlierRunningMs, queuedAt, startedAt, finishedAt];
}

/** Of every version of the space, in the order of the first that has it. */
function hyperparameterNames({ spaceVersions }: Study): readonly string[] {
  return [...new Set(spaceVersions.flatMap(({ space }) => space.hyperparameters.map(({ name }) => name)))];
}

/** Full names, but for one that another column has. */
function columnOf(name: string): string {
  const others: readonly string[] = [...IDENTITY, ...OUTCOME, ...COSTS, 'step', 'epoch', 'recordedAt'];
  return others.includes(name) ? `hyperparameter.${name}` : name;
}
