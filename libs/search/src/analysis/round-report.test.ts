import { createRng, InputError, type Space } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { SteppedTrial } from './best-steps.ts';
import { QUESTION_IDS, type CurveFinding } from './checklist.ts';
import { renderReportJson, renderReportMarkdown } from './render-report.ts';
import type { MeasuredCurve } from './measured-curve.ts';
import type { ReportInput } from './report-input.ts';
import { roundReport } from './round-report.ts';

const space: Space = {
  version: 3,
  hyperparameters: [
    {
      name: 'learningRate',
      kind: 'optimizer',
      role: 'nuisance',
      domain: { type: 'float', minimum: 1e-5, maximum: 1e-1, scale: 'log' },
    },
    {
      name: 'dropout',
      kind: 'regulariser',
      role: 'nuisance',
      domain: { type: 'float', minimum: 0, maximum: 0.5, scale: 'linear' },
    },
    {
      name: 'activation',
      kind: 'architecture',
      role: 'scientific',
      domain: { type: 'categorical', choices: ['relu', 'gelu'] },
    },
  ],
  fixed: [{ name: 'weightDecay', kind: 'regulariser', value: 0.01, reason: 'a | pipe\nand <b>' }],
};

/** 60 trials whose best lies inside at a rate of 10^-3; `shift` moves it. */
function study(shift = 0): readonly SteppedTrial[] {
  return Array.from({ length: 60 }, (_, number): SteppedTrial => {
    const rng = createRng('report', number);
    const values = {
      learningRate: 10 ** (-5 + 4 * rng.next()),
      dropout: 0.5 * rng.next(),
      activation: number % 2 === 0 ? 'relu' : 'gelu',
    };
    const rate = Math.log10(values.learningRate) + 3 - shift;
    const dropout = values.dropout - 0.25;
    const bestValue = 0.9 - 0.02 * rate ** 2 - 0.2 * dropout ** 2 - (values.activation === 'relu' ? 0.01 : 0);
    return { number, state: 'COMPLETED', values, bestValue, bestStep: 700, totalSteps: 1000 };
  });
}

function healthy(trials: readonly SteppedTrial[]): readonly CurveFinding[] {
  return trials.map(({ number }) => ({
    trial: number,
    status: 'pass',
    label: 'healthy',
    reason: 'both losses level off',
    isOptimisation: false,
  }));
}

/** Retrain noise of 0.01. */
const replicateGroups = [
  [0.89, 0.91, 0.9, 0.88, 0.9].map((value, seed) => ({ trial: 100 + seed, seed, configuration: 1, value })),
];

function input(rest: Partial<ReportInput> = {}): ReportInput {
  const trials = rest.trials ?? study();
  return {
    study: {
      name: 'activations',
      goal: 'Does GELU help?',
      phase: 'explore',
      metric: 'validationMacroF1',
      direction: 'maximise',
      space,
      sampler: 'halton',
      isAdaptive: false,
    },
    trials,
    curves: healthy(trials),
    variance: { replicateGroups },
    conclusion: 'GELU helps.',
    ...rest,
  };
}

describe('the round report', () => {
  it('opens the conclusion when the five questions are answered, and proposes to exploit', () => {
    const report = roundReport(input());
    expect(report.checklist.answers.map(({ id, status }) => [id, status])).toEqual(
      QUESTION_IDS.map((id) => [id, 'pass']),
    );
    expect(report).toMatchObject({ conclusion: 'GELU helps.', checklist: { isLocked: false, lockedBy: [] } });
    expect(report.refinedSpace.verdict).toBe('ready');
    expect(report.next.map(({ action }) => action)).toContain('exploit');
    expect(report.fairness['activation']?.verdict).toBe('fair');
    expect(report.isolations.map(({ name }) => name)).toEqual(['activation']);
    expect(report.best).toHaveLength(5);
  });

  it('locks it while the best crowd an edge, and proposes the wider study', () => {
    const report = roundReport(input({ trials: study(2.5) }));
    expect(report).toMatchObject({ conclusion: null, isConclusionWritten: true });
    expect(report.checklist.lockedBy).toContain('space-large-enough');
    expect(report.next[0]).toMatchObject({ action: 'widen-space' });
    const markdown = renderReportMarkdown(report);
    expect(markdown).not.toContain('GELU helps.');
    expect(markdown).toContain('**Locked.**');
    expect(renderReportJson(report)).not.toContain('GELU helps.');
  });

  it('locks it while nobody looked at the curves of the best, or only at others', () => {
    const trials = study();
    for (const curves of [null, [], healthy(trials.slice(0, 1))]) {
      const { checklist } = roundReport(input({ trials, curves }));
      expect(checklist.lockedBy).toEqual(['optimisation', 'curves']);
    }
  });

  it('tells an optimisation problem from what the curves of the best say', () => {
    const trials = study();
    const best = roundReport(input()).best.map(({ trial }) => trial);
    const spiky = {
      trial: best[0] as number,
      status: 'caution',
      label: 'spikes-early',
      reason: 'rises at step 40',
      isOptimisation: true,
    } as const;
    const overfit = {
      trial: best[1] as number,
      status: 'caution',
      label: 'overfitting',
      reason: 'rises after step 300',
      isOptimisation: false,
    } as const;
    const of = (finding: CurveFinding) =>
      roundReport(input({ trials, curves: [...healthy(trials), finding] })).checklist.lockedBy;
    expect(of(spiky)).toEqual(['optimisation']);
    expect(of(overfit)).toEqual(['curves']);
  });

  it('does not know whether points are enough before the retrain noise is measured', () => {
    const { variance: _, ...without } = input();
    const report = roundReport(without);
    expect(report.checklist.lockedBy).toEqual(['enough-points']);
    expect(report.next[0]?.action).toBe('replicate');
  });

  it('opens it by an override with a reason, which stays with the conclusion', () => {
    const { variance: _, ...without } = input();
    const report = roundReport({
      ...without,
      overrides: [{ question: 'enough-points', reason: 'a demonstration', by: 'Ada', at: '2026-11-25T00:00:00.000Z' }],
    });
    expect(report.conclusion).toBe('GELU helps.');
    expect(report.caveats.at(-1)).toBe('"Were enough points sampled?" was overridden by Ada: a demonstration');
    expect(renderReportMarkdown(report)).toContain('overridden by Ada at 2026-11-25T00:00:00.000Z: a demonstration');
    expect(() => roundReport({ ...without, overrides: [{ question: 'enough-points', reason: '  ' }] })).toThrow(
      InputError,
    );
  });

  it('asks for care where an adaptive sampler chose the trials', () => {
    const adaptive = input();
    const report = roundReport({ ...adaptive, study: { ...adaptive.study, isAdaptive: true } });
    expect(report.checklist.lockedBy).toEqual(['space-large-enough']);
  });

  it('takes thresholds that a person changed', () => {
    const report = roundReport(input({ thresholds: { goodRegion: { fewestGood: 1000 } } }));
    expect(report.checklist.lockedBy).toEqual(['enough-points']);
  });

  it('is written as Markdown with its tables whole', () => {
    const markdown = renderReportMarkdown(roundReport(input()));
    for (const title of [
      'Conclusion',
      'Before believing it',
      'Best trials',
      'Which hyperparameters matter',
      'Where was searched',
    ])
      expect(markdown).toContain(`\n## ${title}\n`);
    expect(markdown).toContain('not an effect of the hyperparameter');
    expect(markdown).toContain('holds for weightDecay = 0.01 (a | pipe and &lt;b>)');
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row.endsWith(' |')).toBe(true);
    expect(markdown).toMatchSnapshot();
  });

  it('says how training went where curves, evaluations and durations are given', () => {
    const trials = study();
    const measured = trials.map(({ number, state, bestValue }): MeasuredCurve => {
      const parts = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);
      return {
        number,
        state,
        steps: parts.map((part) => 50 * Math.round(20 * part)),
        epochs: parts.map((part) => 20 * part),
        totalSteps: 1000,
        values: {
          validationMacroF1: parts.map((part) => (bestValue as number) * Math.min(1, 2 * part)),
          trainLoss: parts.map((part) => 2 - part),
        },
      };
    });
    const evaluations = trials.map(({ number }) => ({
      trial: number,
      confusionMatrix: [
        [90, 10],
        [10, 90],
      ],
      perSubject: [],
      values: { validationAccuracy: 0.9 },
    }));
    const durations = trials.map(({ number }) => ({ trial: number, durationMs: 60_000 }));
    const report = roundReport(input({ trials, measured, evaluations, durations }));
    expect(report.training).toMatchObject({
      weighting: { verdict: 'consistent' },
      lateNoise: { verdict: 'quiet', numbers: { validationWindows: 200 } },
      computeBound: { verdict: 'saturated' },
      lengthTransfer: null,
    });
    expect(report.training.reranks.map(({ numbers }) => numbers.metric)).toEqual(['trainLoss', 'validationMacroF1']);
    expect(report.bestSteps.numbers.medianPart).toBe(0.5);
    expect(report.design.tradeOff.numbers.studyMs).toBe(3_600_000);
    expect(renderReportMarkdown(report)).toContain('## By another metric');
  });

  it('is written as JSON that reads back', () => {
    const report = roundReport(input());
    expect(JSON.parse(renderReportJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('asks for no more trials of a space that has none left', () => {
    const [first, second] = study() as [SteppedTrial, SteppedTrial];
    const two = { ...space, hyperparameters: space.hyperparameters.filter(({ name }) => name === 'activation') };
    const trials = [first, second].map(({ values, ...trial }) => ({
      ...trial,
      values: { activation: values['activation'] as string },
    }));
    const actionsAfter = (count: number) => {
      const base = input();
      const { next } = roundReport({ ...base, study: { ...base.study, space: two }, trials: trials.slice(0, count) });
      return next.map(({ action }) => action);
    };
    expect(actionsAfter(1)).toContain('add-trials');
    expect(actionsAfter(2)).not.toContain('add-trials');
    expect(actionsAfter(2)[0]).toBe('widen-space');
  });

  it('has no empty cell where every trial was infeasible', () => {
    const trials = study().map((trial): SteppedTrial => ({ ...trial, state: 'INFEASIBLE', bestValue: null }));
    expect(renderReportMarkdown(roundReport(input({ trials })))).toContain('| activation | relu, gelu | - | 60 |');
  });

  it('stands before the first trial has finished', () => {
    const report = roundReport(input({ trials: [], variance: {}, curves: null }));
    expect(report.checklist.isLocked).toBe(true);
    expect(report.best).toEqual([]);
    expect(renderReportMarkdown(report)).toContain('No trial has a value.');
    expect(renderReportJson(report)).not.toContain('NaN');
  });
});
