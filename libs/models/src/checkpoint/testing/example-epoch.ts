/** A small trial's epochs, for tests of what is kept: 10 steps each, one weight. */
import type { FinishedEpoch } from '../trial-folder.ts';

/** The best is epoch 2 until epoch 5. */
export const exampleScores: readonly number[] = [0.5, 0.75, 0.625, 0.6875, 0.8125, 0.8125];

/** Epoch 1, 2, ...; `padding` more values make its files larger. */
export function exampleEpoch(epoch: number, padding = 0): FinishedEpoch {
  const scoreOf = (i: number): number => exampleScores[(i - 1) % exampleScores.length] as number;
  const step = 10 * epoch;
  let best = 1;
  for (let i = 2; i <= epoch; i++) if (scoreOf(i) > scoreOf(best)) best = i;
  const values = { validationMacroF1: scoreOf(epoch) };
  const w = { shape: [2 + padding], data: new Float32Array(2 + padding) };
  w.data.set([epoch, epoch + 0.5]);
  return {
    measurement: { step, epoch, values },
    state: { step, epoch, identity: { seed: 1 }, tensors: new Map([['w', w]]) },
    bestSteps: [10 * best],
    ...(best === epoch
      ? {
          model: {
            weights: new Map([['w', w]]),
            description: {
              family: 'cnn1d',
              hyperparameters: { dropout: 0.5 },
              input: {
                scaler: { mean: [0], standardDeviation: [1] },
                channels: [{ name: 'accX', quantity: 'acceleration', unit: 'g' }],
                sampleRateHz: 50,
                window: { length: 8, step: 4 },
                labels: ['a', 'b'],
                source: {},
              },
              trial: { id: 't', study: 's', number: 0, seed: 1, fold: 0 },
              step,
              epoch,
              values,
              evaluation: { confusionMatrix: [[1]], perSubject: [] },
              hasAveragedWeights: false,
            },
          },
        }
      : {}),
  };
}
