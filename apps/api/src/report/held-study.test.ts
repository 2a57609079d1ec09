import { roundReport } from '@kinetune/search';
import type { Study, Trial, TrialResult } from '@kinetune/storage';
import { sampleStudy } from '@kinetune/storage/testing';
import { describe, expect, it } from 'vitest';
import { storedTrial } from '../testing/stored-trial.ts';
import { analysedConfigurations } from './analysed-configurations.ts';
import { holdStudy, type HeldStudy } from './held-study.ts';
import { curveTrials, reportInput, type MeasuredTrial } from './report-input.ts';

const study = { ...sampleStudy(), id: 'study', overrides: [], conclusion: null } as unknown as Study;
const engines = ['halton'];

const trial = (number: number, changes: Partial<Trial> = {}): TrialResult =>
  storedTrial({ number, values: { learningRate: 1e-3 * (number + 1) }, bestValue: 0.5 + number / 1000, ...changes });

/** A curve that says which trial it is of. */
const measuredOf = ({ id, number, state, bestValue }: TrialResult): MeasuredTrial => {
  const steps = Array.from({ length: 12 }, (_, step) => 10 * step);
  const values = steps.map((step) => (bestValue ?? 0) - Math.exp(-step / 40) + 0.01 * Math.sin(step * (number + 1)));
  return {
    trialId: id,
    curve: { number, state, fold: 0, totalSteps: 120, steps, epochs: steps, values: { validationAccuracy: values } },
    evaluation: null,
  };
};

/** What is reported of the trials without anything being held. */
const reportOf = (trials: readonly TrialResult[], of = study) => {
  const configurations = analysedConfigurations(trials, of.space);
  const measured = curveTrials(of, configurations).map(measuredOf);
  return roundReport(reportInput(of, { configurations, engines, measured }));
};

/** Takes changes in and gives the report, with the numbers of the trials whose curves were asked for. */
const after = (held: HeldStudy, trials: readonly TrialResult[], of = study) => {
  const wanted = held.change({ study: of, engines, trials });
  held.measure(wanted.map(measuredOf));
  return { report: held.report(), wanted: wanted.map(({ number }) => number) };
};

describe('a study that is held between reports', () => {
  const numbers = Array.from({ length: 130 }, (_, number) => number);

  it('is reported on as one that is read whole, and asks for the curves of what has changed alone', () => {
    const held = holdStudy();
    let trials = numbers.map((number) => trial(number, number === 3 ? { state: 'RUNNING', bestValue: null } : {}));
    const first = after(held, trials);
    expect(first.report).toEqual(reportOf(trials));
    expect(first.wanted).toHaveLength(100);

    const ended = trial(3, { bestValue: 0.9 });
    const replicate = trial(129, { id: 'another', replicate: 1, seed: 5, bestValue: 0.7 });
    const failed = trial(128, { state: 'FAILED', bestValue: null });
    trials = [...trials.filter(({ number }) => number !== 3 && number !== 128), ended, replicate, failed];
    const second = after(held, [ended, replicate, failed]);
    expect(second.report).toEqual(reportOf(trials));
    expect(second.report.best[0]).toMatchObject({ trial: 3, value: 0.9 });
    expect(second.wanted).toEqual([3]);
  });

  it('shows values in the order of a space that has changed', () => {
    const held = holdStudy();
    const [learningRate] = study.space.hyperparameters;
    const dropout = { ...learningRate, name: 'dropout' } as typeof learningRate & object;
    const values = { learningRate: 0.01, dropout: 0.02 };
    const space = (hyperparameters: Study['space']['hyperparameters']) => ({
      ...study,
      space: { ...study.space, hyperparameters },
    });
    const order = ({ report }: ReturnType<typeof after>) => Object.keys(report.best[0]?.values ?? {});
    const both = [learningRate as typeof dropout, dropout];
    expect(order(after(held, [trial(0, { values })], space(both)))).toEqual(['learningRate', 'dropout']);
    expect(order(after(held, [], space(both.toReversed())))).toEqual(['dropout', 'learningRate']);
  });
});
