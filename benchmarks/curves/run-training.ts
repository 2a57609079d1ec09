/** Trains what a description says, by the pieces that a trial is made of, and keeps what a trial would store. */
import { fitScaler, standardise, type Windows } from '@kinetune/data';
import { createTrialEngine, measurementOf, planTrial, scoreValidation, type TrialData } from '@kinetune/models';
import { createRng, learningRates, permutation, type ConfusionMatrix, type Measurement } from '@kinetune/study';
import { shuffled, type Training, type TrainingRows } from './training.ts';

export interface TrainedCurve {
  readonly measurements: readonly Measurement[];
  /** Of the last evaluation; null before the first. */
  readonly confusionMatrix: ConfusionMatrix | null;
  readonly validationCount: number;
  readonly totalEpochs: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** Passes over the training data at which a loss or gradient was no longer finite. */
  readonly divergedAtEpoch: number | null;
  readonly seconds: number;
}

export async function runTraining(training: Training, windows: Windows): Promise<TrainedCurve> {
  const startedAt = performance.now();
  const { seed, family, configuration } = training;
  const data = trialData(training, windows);
  const plan = planTrial({ family, configuration, seed, data });
  const { values, model, schedule, stepsPerEpoch, isAveraged } = plan;
  const classCount = windows.labels.length;
  const rows = training.rows?.(data.train, classCount) ?? data.train;
  await using engine = await createTrialEngine({ model, values, data: { ...data, train: rows }, seed });
  const totalEpochs = training.stopAfterEpochs ?? plan.totalEpochs;
  const measurements: Measurement[] = [];
  let confusionMatrix: ConfusionMatrix | null = null;
  let divergedAtEpoch: number | null = null;
  for (let epoch = 0; epoch < totalEpochs; epoch++) {
    const order = training.order?.(rows, epoch) ?? shuffled(seed, data.train.labels.length, epoch);
    const first = engine.step;
    const count = Math.ceil(order.length / (values['batchSize'] as number));
    const rates = Array.from(learningRates(schedule, first, first + count), (rate, i) =>
      training.learningRate === undefined ? rate : training.learningRate(rate, { step: first + i, stepsPerEpoch }),
    );
    const result = await engine.trainEpoch({ order, learningRates: rates });
    const { outputs } = await engine.evaluate('validation', { averaged: isAveraged, outputs: true });
    const score = scoreValidation(outputs as Float32Array, data.validation, {
      classCount,
      subjectNames: windows.subjects,
    });
    if (result.end === 'not-finite' || result.nonFiniteStepCount > 0 || !Number.isFinite(score.loss)) {
      divergedAtEpoch = epoch + result.stepCount / count;
      break;
    }
    const learningRate = rates[rates.length - 1] as number;
    const { step } = engine;
    const { values: measured, detail } = measurementOf(result, score, {
      step,
      epoch: epoch + 1,
      learningRate,
      durationMs: 0,
    });
    measurements.push({ step, epoch: epoch + 1, values: measured, ...(detail === undefined ? {} : { detail }) });
    confusionMatrix = score.evaluation.confusionMatrix;
  }
  return {
    measurements,
    confusionMatrix,
    validationCount: data.validation.labels.length,
    totalEpochs,
    stepsPerEpoch,
    warmupSteps: schedule.warmupSteps,
    divergedAtEpoch,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function trialData(training: Training, windows: Windows): TrialData {
  const { seed, trainPeople, validationPeople, windowsPerPerson, validationWindowsPerPerson, inputScale } = training;
  const people = permutation(windows.subjects.length, createRng(seed, 'people'));
  // Validation people first: a training with fewer people is validated on the same.
  const validation = rowsOf(windows, people.subarray(0, validationPeople), {
    windowsPerPerson: validationWindowsPerPerson,
    seed,
  });
  const train = rowsOf(windows, people.subarray(validationPeople, validationPeople + trainPeople), {
    windowsPerPerson,
    seed,
  });
  const scaler = fitScaler(windows, train);
  const size = windows.length * windows.channels.length;
  const part = (indices: Int32Array): TrainingRows => {
    const samples = new Float32Array(indices.length * size);
    indices.forEach((w, row) => samples.set(windows.samples.subarray(w * size, (w + 1) * size), row * size));
    return {
      samples: scaled(standardise(samples, scaler, samples), inputScale ?? 1),
      labels: indices.map((w) => windows.label[w] as number),
      subjects: indices.map((w) => windows.subject[w] as number),
    };
  };
  return {
    train: part(train),
    validation: part(validation),
    subjectNames: windows.subjects,
    input: {
      scaler,
      channels: windows.channels,
      sampleRateHz: windows.sampleRateHz,
      window: { length: windows.length, step: windows.step },
      labels: windows.labels,
      source: { dataset: windows.datasetName, contentHash: windows.contentHash, windowsKey: windows.key },
    },
  };
}

function scaled(samples: Float32Array, factor: number): Float32Array {
  return factor === 1 ? samples : samples.map((sample) => factor * sample);
}

/** A fixed sample of each person's windows, ascending. */
function rowsOf(
  windows: Windows,
  people: Int32Array,
  { windowsPerPerson, seed }: { readonly windowsPerPerson: number; readonly seed: number },
): Int32Array {
  const chosen = [...people].flatMap((person) => {
    const own = [...windows.subject.keys()].filter((w) => windows.subject[w] === person);
    const order = permutation(own.length, createRng(seed, 'windows', person));
    return [...order.subarray(0, windowsPerPerson)].map((i) => own[i] as number);
  });
  return Int32Array.from(chosen.sort((a, b) => a - b));
}
