import { deriveSeed, resolveValues, type StartMessage } from '@kinetune/study';
import type { Trial } from '@kinetune/storage';
import type { AttemptContext } from './attempt-context.ts';
import { spaceOfConfiguration } from './search-plan.ts';

/** What a trainer is told of a trial. */
export function startMessage(
  { study }: AttemptContext,
  trial: Trial,
  { checkpointFolder, data }: { readonly checkpointFolder: string; readonly data: StartMessage['data'] },
): StartMessage {
  return {
    type: 'start',
    protocol: 1,
    trial: { id: trial.id, study: study.name, number: trial.number, attempt: trial.attempts },
    configuration: { ...resolveValues(spaceOfConfiguration(study, trial.number), trial.values) },
    seed: trial.seed,
    fold: trial.fold,
    model: study.model,
    objective: study.objective,
    metrics: study.metrics.map(({ name }) => name),
    ...(data === undefined ? {} : { data: dataOf(data, trial) }),
    checkpointFolder,
    // A first attempt has nothing to go on from; a later one may find a state whose measurement never reached us.
    ...(trial.attempts === 1 ? {} : { resumeFromStep: trial.lastStep ?? 0 }),
    keepBest: study.keepBest,
    ...(study.earlyStopping ? { earlyStopping: study.earlyStopping } : {}),
  };
}

/** Each trial of a control permutes the labels in its own way: what one finds by chance is then no other's. */
function dataOf(data: NonNullable<StartMessage['data']>, trial: Trial): NonNullable<StartMessage['data']> {
  const { shuffleLabelsSeed } = data;
  const replicate = trial.replicate === 0 ? [] : [trial.replicate];
  return shuffleLabelsSeed === undefined
    ? data
    : { ...data, shuffleLabelsSeed: deriveSeed(shuffleLabelsSeed, 'trial', trial.number, ...replicate) };
}
