/** The learning-rate schedule that a configuration asks for, in optimizer steps. */
import { InputError, type LearningRateSchedule, type ScheduleKind, type Values } from '@kinetune/study';

/**
 * Epochs become steps by rounding; a warm-up that is not 0 takes at least one step.
 * @throws InputError `invalid-configuration` for a schedule that cannot be: a warm-up longer than the run, a final rate above
 * the peak.
 */
export function learningRateSchedule(values: Values, stepsPerEpoch: number): LearningRateSchedule {
  const number = (name: string): number => values[name] as number;
  const kind = values['schedule'] as ScheduleKind;
  const totalSteps = number('epochs') * stepsPerEpoch;
  const warmupEpochs = number('warmupEpochs');
  if (warmupEpochs > number('epochs')) {
    throw new InputError(
      'invalid-configuration',
      `the warm-up cannot be longer than the run: warmupEpochs is ${warmupEpochs} of ${number('epochs')} epochs`,
    );
  }
  const hasFinal = kind === 'linear' || kind === 'cosine' || kind === 'cosine-periodic';
  if (hasFinal && number('finalLearningRate') > number('learningRate')) {
    throw new InputError(
      'invalid-configuration',
      `finalLearningRate is the lower end of the schedule: ${number('finalLearningRate')} is above learningRate ${number('learningRate')}`,
    );
  }
  return {
    kind,
    peak: number('learningRate'),
    final: number('finalLearningRate'),
    warmupSteps: warmupEpochs === 0 ? 0 : Math.max(1, Math.round(warmupEpochs * stepsPerEpoch)),
    totalSteps,
    ...(kind === 'cosine-periodic'
      ? { halfPeriodSteps: Math.max(1, Math.round(number('cosineHalfPeriodEpochs') * stepsPerEpoch)) }
      : {}),
  };
}
