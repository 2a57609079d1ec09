/**
 * A study as large as the API is promised for, written by bulk inserts: 10,000 trials, 2,000 measurements each for the 200 longest
 * and 20 for each of the others, with diagnoses, evaluations and an event log as training would have left them. Curves are made up,
 * without the detail inside epochs; the same every time but for the ids.
 */
import { CURVE_DIAGNOSIS_VERSION, curveFindings, diagnoseCurves } from '@kinetune/search';
import { createStudy, type Database, type Study } from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { BUILT_IN_METRICS, createRng, type Rng, type Space, type TrialState, type Values } from '@kinetune/study';

export const SIZE = { trials: 10_000, longTrials: 200, longMeasurements: 2000, shortMeasurements: 20 } as const;

const SPACE: Space = {
  version: 1,
  hyperparameters: [
    { name: 'learningRate', kind: 'optimizer', role: 'nuisance', domain: float(1e-4, 1e-1, 'log') },
    { name: 'weightDecay', kind: 'regulariser', role: 'nuisance', domain: float(1e-5, 1e-1, 'log') },
    { name: 'dropout', kind: 'regulariser', role: 'nuisance', domain: float(0, 0.6) },
    { name: 'labelSmoothing', kind: 'regulariser', role: 'nuisance', domain: float(0, 0.2) },
    { name: 'scaling', kind: 'augmentation', role: 'nuisance', domain: float(0, 0.4) },
    {
      name: 'channels',
      kind: 'architecture',
      role: 'nuisance',
      domain: { type: 'int', minimum: 8, maximum: 128, scale: 'log' },
    },
    {
      name: 'schedule',
      kind: 'schedule',
      role: 'scientific',
      domain: { type: 'categorical', choices: ['constant', 'cosine', 'one-cycle'] },
    },
  ],
  fixed: [{ name: 'epochs', kind: 'steps', value: 2000, reason: 'long enough for the longest curves' }],
};

function float(minimum: number, maximum: number, scale: 'linear' | 'log' = 'linear') {
  return { type: 'float', minimum, maximum, scale } as const;
}

/** Writes the study `benchmark`, half of its budget spent, into an empty database. */
export async function fillStudy(db: Database): Promise<Study> {
  const study = await createStudy(
    db,
    sampleStudy({
      name: 'benchmark',
      goal: 'Is the API fast with ten thousand trials?',
      splitHash: 'benchmark',
      // What is measured may end further trials by asking and telling.
      trainer: { kind: 'ask' },
      space: SPACE,
      metrics: BUILT_IN_METRICS,
      objective: { metric: 'validationMacroF1', direction: 'maximise' },
      budget: { trials: 2 * SIZE.trials },
      seed: 1,
    }),
  );
  const rng = createRng('api-benchmark');
  const made = Array.from({ length: SIZE.trials }, (_, number) => madeTrial(number, rng));
  // The longest trainings are the best ones, as they are where worse ones are stopped: what analysis looks at is long.
  const byValue = made.toSorted((a, b) => (b.bestValue ?? -1) - (a.bestValue ?? -1));
  const long = new Set(byValue.slice(0, SIZE.longTrials));
  for (let from = 0; from < made.length; from += 1000) {
    await insertTrials(
      db,
      study,
      made.slice(from, from + 1000).map((trial) => ({
        ...trial,
        measurements: long.has(trial) ? SIZE.longMeasurements : SIZE.shortMeasurements,
      })),
    );
  }
  await insertMeasurements(db, study);
  await insertEvaluations(db, study);
  await insertEvents(db, study);
  await db.execute('analyze');
  return study;
}

interface MadeTrial {
  readonly number: number;
  readonly values: Values;
  readonly state: TrialState;
  readonly reasonCode: string | null;
  readonly bestValue: number | null;
  readonly diagnosis: object;
}

function madeTrial(number: number, rng: Rng): MadeTrial {
  const log = (low: number, high: number): number => low * (high / low) ** rng.next();
  const values = {
    learningRate: log(1e-4, 1e-1),
    weightDecay: log(1e-5, 1e-1),
    dropout: 0.6 * rng.next(),
    labelSmoothing: 0.2 * rng.next(),
    scaling: 0.4 * rng.next(),
    channels: Math.round(log(8, 128)),
    schedule: ['constant', 'cosine', 'one-cycle'][rng.integer(3)] as string,
  };
  const distance = Math.log10(values.learningRate / 5e-3);
  const isDiverged = values.learningRate > 0.05 && rng.next() < 0.6;
  const value =
    0.9 -
    0.08 * distance ** 2 -
    0.2 * (values.dropout - 0.2) ** 2 -
    (values.schedule === 'constant' ? 0.02 : 0) +
    0.01 * rng.normal();
  return {
    number,
    values,
    state: isDiverged ? 'INFEASIBLE' : 'COMPLETED',
    reasonCode: isDiverged ? 'diverged' : null,
    bestValue: isDiverged ? null : Math.min(Math.max(value, 0.05), 0.999),
    diagnosis: diagnosisOf(number, rng),
  };
}

/** As long as a real one: that of twenty measurements. */
function diagnosisOf(number: number, rng: Rng): object {
  const measurements = Array.from({ length: SIZE.shortMeasurements }, (_, index) => ({
    step: 10 * (index + 1),
    epoch: index + 1,
    values: {
      trainLoss: Math.exp(-index / 5) + 0.02 * rng.next(),
      validationLoss: Math.exp(-index / 6) + 0.1 + 0.02 * rng.next() + (rng.next() < 0.01 ? 1 : 0),
      validationAccuracy: 0.9 - 0.6 * Math.exp(-index / 6) + 0.01 * rng.next(),
    },
  }));
  const diagnosis = diagnoseCurves({
    number,
    state: 'COMPLETED',
    measurements,
    totalEpochs: SIZE.shortMeasurements,
    warmupEpochs: 0,
    divergedAtEpoch: null,
    confusionMatrix: null,
    validationCount: 1000,
    classCount: 6,
  });
  return { ...diagnosis, version: CURVE_DIAGNOSIS_VERSION, findings: curveFindings(diagnosis) };
}

async function insertTrials(
  db: Database,
  { id }: Study,
  made: readonly (MadeTrial & { readonly measurements: number })[],
): Promise<void> {
  const note = JSON.stringify({ sampler: 'halton', engineVersion: 1, reason: 'benchmark' });
  await db.execute(`
    with made as (
      select * from json_to_recordset($json$${JSON.stringify(made)}$json$) as made(
        number int, values jsonb, state text, "reasonCode" text, "bestValue" float8, diagnosis jsonb, measurements int)
    ), added as (
      insert into configurations (study_id, number, values, space_version, sampler_note, objective)
      select '${id}', number, values, 1, '${note}', "bestValue" from made returning id, number
    )
    insert into trials (study_id, configuration_id, replicate, seed, fold, state, reason_code, attempts, fencing_token,
      weight_count, total_steps, total_epochs, last_step, best_step, best_value, diagnosis, earlier_running_ms,
      queued_at, started_at, finished_at)
    select '${id}', added.id, 0, number, 0, state, "reasonCode", 1, 1, 1000 + 13 * (number % 997), 10 * measurements, measurements,
      10 * measurements, 7 * measurements, "bestValue", diagnosis, 1000 * measurements,
      timestamptz '2026-01-01' + number * interval '1 second', timestamptz '2026-01-01' + number * interval '2 seconds',
      timestamptz '2026-01-02' + number * interval '2 seconds'
    from added join made using (number)`);
}

/** Losses fall, scores rise to the trial's best value, all with noise; in the order of the built-in metrics. */
async function insertMeasurements(db: Database, { id }: Study): Promise<void> {
  await db.execute('select setseed(0.5)');
  await db.execute(`
    insert into measurements (trial_id, step, epoch, values)
    select trials.id, 10 * e, e, array[
      exp(-4.0 * e / total_epochs) + 0.05 * random(), 1 - 0.8 * exp(-4.0 * e / total_epochs) - 0.05 * random(),
      exp(-3.0 * e / total_epochs) + 0.1 + 0.05 * random(), best - 0.6 * exp(-5.0 * e / total_epochs) - 0.02 * random(),
      best - 0.6 * exp(-5.0 * e / total_epochs) - 0.02 * random(), 0.01, 1 + random(), 5000 + 100 * random(), 900 + random()]
    from trials, lateral (select coalesce(best_value, 0.2) as best) as of_trial, generate_series(1, total_epochs::int) as e
    where study_id = '${id}'`);
}

async function insertEvaluations(db: Database, { id }: Study): Promise<void> {
  const matrix = Array.from({ length: 6 }, (_, row) =>
    Array.from({ length: 6 }, (__, column) => (row === column ? 150 : 4)),
  );
  const people = Array.from({ length: 6 }, (_, person) => ({ subject: `person-${person}`, correct: 150, count: 170 }));
  await db.execute(`
    insert into evaluations (trial_id, split, step, confusion_matrix, per_subject)
    select id, 'validation', best_step, '${JSON.stringify(matrix)}', '${JSON.stringify(people)}'
    from trials where study_id = '${id}' and state = 'COMPLETED'`);
}

/** A log as long as training would have written: an event a measurement, some changes among them. */
async function insertEvents(db: Database, { id }: Study): Promise<void> {
  const { trials, longTrials, longMeasurements, shortMeasurements } = SIZE;
  const count = longTrials * longMeasurements + (trials - longTrials) * shortMeasurements + 4 * trials;
  await db.execute(`
    insert into events (study_id, sequence, type, detail)
    select '${id}', sequence, case when sequence % 16 = 0 then 'trial-changed' else 'measurement' end, '{}'
    from generate_series(2, ${count}) as sequence`);
  await db.execute(`update studies set event_sequence = ${count} where id = '${id}'`);
}
