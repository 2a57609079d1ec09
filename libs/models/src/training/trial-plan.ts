/** What a trial's options come to before anything is computed: every hyperparameter, the model, the schedule. */
import type { LearningRateSchedule, Values } from '@kinetune/study';
import { findFamily } from '../catalogue/model-families.ts';
import { createModel } from '../create-model.ts';
import type { Model } from '../model.ts';
import { learningRateSchedule } from './learning-rate-schedule.ts';
import { resolveConfiguration } from './resolve-configuration.ts';
import { shuffleLabels } from './shuffle-labels.ts';
import type { TrialData } from './trial-data.ts';

export interface TrialPlanOptions {
  readonly family: string;
  readonly configuration: Values;
  readonly seed: number;
  readonly data: TrialData;
  readonly shuffleLabelsSeed?: number | undefined;
}

export interface TrialPlan {
  /** Every hyperparameter, defaults filled in. */
  readonly values: Values;
  readonly model: Model;
  /** Labels shuffled where that was asked for. */
  readonly data: TrialData;
  readonly schedule: LearningRateSchedule;
  readonly stepsPerEpoch: number;
  readonly totalEpochs: number;
  /** Whether averaged weights are what is validated and kept. */
  readonly isAveraged: boolean;
  /** Everything that decides the trial's numbers, besides the code; a state of another identity is refused. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/** @throws InputError `invalid-configuration`, `unknown-model` when no such model can be built or trained. */
export function planTrial({ family, configuration, seed, data, shuffleLabelsSeed }: TrialPlanOptions): TrialPlan {
  const values = resolveConfiguration(findFamily(family), configuration);
  const { window, channels, labels, source } = data.input;
  const shape = { windowLength: window.length, channelCount: channels.length, classCount: labels.length };
  const stepsPerEpoch = Math.ceil(data.train.labels.length / (values['batchSize'] as number));
  return {
    values,
    model: createModel(family, values, shape),
    data: shuffleLabelsSeed === undefined ? data : withShuffledLabels(data, shuffleLabelsSeed),
    schedule: learningRateSchedule(values, stepsPerEpoch),
    stepsPerEpoch,
    totalEpochs: values['epochs'] as number,
    isAveraged: (values['averageWeights'] as number) > 0,
    identity: { family, hyperparameters: values, seed, shuffleLabelsSeed: shuffleLabelsSeed ?? null, data: source },
  };
}

function withShuffledLabels(data: TrialData, seed: number): TrialData {
  const { train, validation } = data;
  return {
    ...data,
    train: { ...train, labels: shuffleLabels(train.labels, seed, 'train') },
    validation: { ...validation, labels: shuffleLabels(validation.labels, seed, 'validation') },
  };
}
