/** A study's data, with what to do when the watch data cannot be had; the study that comes of it says what it is. */
import type { NewStudy } from '@kinetune/storage';
import { deriveSeed, EnvironmentError, type DataSpec } from '@kinetune/study';
import { prepareData, type PreparedData, type PrepareOptions } from './prepare-data.ts';
import type { ResolvedStudy } from './resolve-study.ts';

export interface PrepareStudyOptions extends PrepareOptions {
  /** What --quiet does not silence. */
  readonly onWarning: (message: string) => void;
  /** A control whose labels are permuted. */
  readonly isControl: boolean;
}

/** As against a study whose trainer brings its own data. */
export type WithData<Study> = Study & { readonly data: DataSpec };

/** A study with what its data say; the split's hash comes with the manifests of its folds. */
export type PreparedStudy = WithData<Omit<NewStudy, 'splitHash'>>;

export async function prepareStudyData(
  resolved: WithData<ResolvedStudy>,
  options: PrepareStudyOptions,
): Promise<{ readonly data: PreparedData; readonly study: PreparedStudy }> {
  const { data, study } = await prepare(resolved, options);
  const { folds } = study;
  const people = data.windows.subjects.length;
  return {
    data,
    study: { ...study, folds: folds === 'all' ? Array.from({ length: people }, (_, fold) => fold) : folds },
  };
}

async function prepare(
  resolved: WithData<ResolvedStudy>,
  options: PrepareStudyOptions,
): Promise<{ readonly data: PreparedData; readonly study: WithData<ResolvedStudy> }> {
  const study = options.isControl
    ? {
        ...resolved,
        name: `${resolved.name}-shuffled-labels`,
        shuffleLabelsSeed: deriveSeed(resolved.seed, 'shuffle-labels'),
        // The best of many accuracies would climb on chance alone; the loss of a model that learns nothing does not.
        objective: { metric: 'validationLoss', direction: 'minimise' as const },
      }
    : resolved;
  try {
    return { data: await prepareData(study.data, options), study };
  } catch (error) {
    if (!(error instanceof EnvironmentError) || !isFetchFailure(error) || study.data.dataset !== 'watch') throw error;
    options.onWarning(
      `${error.message}\n` +
        'Going on with the synthetic generator instead. Its results are called synthetic and are no measure of real recordings.',
    );
    const { path: _, csv: __, ...rest } = study.data;
    const spec = { ...rest, dataset: 'synthetic' as const, synthetic: { people: 10, minutesPerPerson: 8, seed: 0 } };
    const synthetic = { ...study, name: `${study.name}-synthetic`, data: spec };
    return { data: await prepareData(spec, options), study: synthetic };
  }
}

/** Whether the recordings were out of reach, as against a disk that is full. */
function isFetchFailure({ code }: EnvironmentError): boolean {
  return ['watch-python-missing', 'watch-pip-missing', 'watch-download-failed'].includes(code);
}
