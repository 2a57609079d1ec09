/** The one look at the test people: the adopted configuration's kept model, once a study, logged. */
import {
  listConfigurations,
  listLaunches,
  listTestEvaluationsOfStudy,
  listTrials,
  recordTestEvaluation,
  testEvaluatedBefore,
  type Database,
  type Evaluation,
  type Study,
  type Trial,
} from '@kinetune/storage';
import { EnvironmentError, InputError, invariant, isBetter, type EvaluateMessage } from '@kinetune/study';
import { join } from 'node:path';
import { prepareWork, type StudyWorkOptions } from '../agent/study-work.ts';
import { startTrainer, type TrainerCommand } from '../agent/trainer-process.ts';
import { waitUntilReady, type Limits } from '../agent/trial-run.ts';

export interface TestRequest {
  readonly reason: string;
  readonly by: string;
  /** Look although the study has looked before; the result is marked as contaminated. */
  readonly isForced: boolean;
}

export interface EvaluateTestOptions extends Pick<
  StudyWorkOptions,
  'workspaceRoot' | 'dataFolder' | 'resolvePath' | 'onProgress' | 'signal'
> {
  /** Folder of checkpoints, windows and splits. */
  readonly store: string;
  readonly limits: Limits;
}

export interface TestResult {
  readonly trial: Trial;
  readonly evaluation: Evaluation;
}

/**
 * @throws InputError without a reason, without an adopted configuration, for a second look that is not forced, and for a model or
 *   data that are not here; EnvironmentError where the trainer cannot start. Nothing is logged then, and nobody saw anything.
 */
export async function evaluateTest(
  db: Database,
  study: Study,
  { reason, by, isForced, ...options }: TestRequest & EvaluateTestOptions,
): Promise<TestResult> {
  if (reason.trim() === '')
    throw new InputError('look-without-reason', 'expected why the test people are looked at, got nothing');
  const [earlier] = await listTestEvaluationsOfStudy(db, study.id);
  if (earlier !== undefined && !isForced) throw testEvaluatedBefore(study, earlier);
  if (study.shuffleLabelsSeed !== null)
    throw new InputError(
      'control',
      `expected a study of true labels, and ${study.name} is a control that permutes them`,
    );
  const trial = await adoptedTrial(db, study);
  const step = trial.bestStep;
  invariant(step !== null, 'a completed trial has a best step');
  const work = await prepareWork(study, { db, ...options });
  if (work.type === 'not-here') throw new InputError('data-not-here', work.reason);
  const data = work.folds.get(trial.fold)?.data;
  if (data === undefined)
    throw new InputError(
      'no-test-people',
      `expected a study with data of ours, and ${study.name}'s trainer brings its own`,
    );
  const { shuffleLabelsSeed: _, ...files } = data;
  const evaluation = await askTrainer(work.command, {
    request: {
      type: 'evaluate',
      protocol: 1,
      trial: { id: trial.id, study: study.name, number: trial.number },
      checkpointFolder: join(options.store, 'checkpoints', trial.id),
      step,
      data: files,
    },
    ...options,
  });
  const logged = await recordTestEvaluation(db, trial.id, {
    ...evaluation,
    step,
    reason: reason.trim(),
    by,
    isFirst: !isForced,
  });
  return { trial, evaluation: logged };
}

/** Of the configuration that was adopted last, the completed trial that is best on the validation people. */
async function adoptedTrial(db: Database, study: Study): Promise<Trial> {
  const launch = (await listLaunches(db, { studyId: study.id })).find(({ decision }) => decision === 'adopted');
  if (launch === undefined)
    throw new InputError(
      'nothing-adopted',
      `expected a study with an adopted configuration, and ${study.name} has none: the test people are looked at once, with what was chosen without them. Adopt one first`,
    );
  const configuration = (await listConfigurations(db, study.id)).find(({ id }) => id === launch.configurationId);
  const completed = (await listTrials(db, study.id)).filter(
    ({ number, state, bestValue }) => number === configuration?.number && state === 'COMPLETED' && bestValue !== null,
  );
  const { direction } = study.objective;
  const [first, ...rest] = completed;
  if (first === undefined)
    throw new InputError('nothing-completed', `expected a completed trial of the adopted configuration, found none`);
  return rest.reduce(
    (best, one) => (isBetter(direction, one.bestValue as number, best.bestValue as number) ? one : best),
    first,
  );
}

interface Asking extends EvaluateTestOptions {
  readonly request: EvaluateMessage;
}

async function askTrainer(
  command: TrainerCommand,
  { request, limits, signal }: Asking,
): Promise<Pick<Evaluation, 'confusionMatrix' | 'perSubject'>> {
  const trainer = startTrainer(command);
  try {
    const log: Buffer[] = [];
    trainer.logTo((chunk) => void log.push(chunk));
    const ready = await waitUntilReady(trainer, { limits, stop: signal });
    if (ready.type !== 'ready')
      throw new EnvironmentError(
        'trainer-not-starting',
        `the trainer (${[command.file, ...command.args].join(' ')}) cannot start: ${ready.reason}`,
      );
    if (ready.canEvaluate !== true)
      throw new InputError(
        'trainer-cannot-evaluate',
        `expected a trainer that can evaluate a kept model, and ${ready.name} does not say so in its \`ready\` (docs/trainer-protocol.md)`,
      );
    trainer.send(request);
    const received = await trainer.receive({ limitMs: limits.silenceMs, abort: signal });
    if (received.type === 'message' && received.message.type === 'evaluated') return received.message.evaluation;
    if (received.type === 'message' && received.message.type === 'failed')
      throw new InputError('not-evaluated', `the kept model could not be evaluated: ${received.message.reason}`);
    throw new EnvironmentError(
      'trainer-broke-off',
      `expected the trainer to say \`evaluated\`, got ${received.type === 'exited' ? `its end: it ${received.how}` : received.type}`,
    );
  } finally {
    await trainer.kill();
  }
}
