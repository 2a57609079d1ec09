import { describe, expect, it } from 'vitest';
import { renderRunFrame } from './run-frame.ts';
import { estimateRemainingMs, startRunView, updateRunView, type RunView } from './run-view.ts';
import { colourStyles, plainStyles } from './styles.ts';
import { textWidth } from './text-width.ts';

const study = {
  name: 'quick-start',
  objective: { metric: 'validationMacroF1', direction: 'maximise' },
} as const;
const counts = { QUEUED: 0, RUNNING: 0, COMPLETED: 2, PRUNED: 0, INFEASIBLE: 1, FAILED: 0, CANCELLED: 0 };
const baselines = [{ name: 'logistic-regression', accuracy: 0.89, macroF1: 0.9 }];
const start = startRunView(study, {
  counts,
  slots: 2,
  baselines,
  best: { trial: '0', value: 0.81 },
  total: 12,
  trialsPerConfiguration: 1,
});

function running(number: number, epoch: number, view: RunView = start): RunView {
  const begun = updateRunView(
    view,
    {
      type: 'trial-started',
      trial: String(number),
      attempt: 1,
      configuration: {},
      totalEpochs: 40,
      resumedFromEpoch: 0,
    },
    0,
  );
  const values = { trainLoss: 0.4321, validationAccuracy: 0.871, validationMacroF1: 0.85 };
  return updateRunView(begun, { type: 'trial-measured', trial: String(number), step: epoch, epoch, values }, 10_000);
}

const options = { columns: 100, rows: 24, nowMs: 10_000, styles: plainStyles, hasUnicode: true };

describe('a frame', () => {
  it('has a bar for each running trial, and the study with its best against the baseline', () => {
    expect(renderRunFrame(running(4, 10, running(3, 20)), options)).toEqual([
      'trial 3   ━━━━━━━━━━━━━━━─────────────── epoch 20/40  50 %  loss 0.4321  accuracy 87.1 %',
      'trial 4   ━━━━━━━━────────────────────── epoch 10/40  25 %  loss 0.4321  accuracy 87.1 %',
      'quick-start  3/12 trials, 1 infeasible  about 2 min 04 s left',
      'best validationMacroF1 0.8500 (trial 3), logistic regression 0.9000',
    ]);
  });

  it('never wraps, however narrow the terminal', () => {
    const view = running(4, 10, running(3, 20));
    for (const styles of [plainStyles, colourStyles]) {
      for (let columns = 12; columns < 120; columns++) {
        for (const line of renderRunFrame(view, { ...options, columns, styles }))
          expect(textWidth(line)).toBeLessThan(columns);
      }
    }
  });

  it('fits into few rows and says how many trials are not shown', () => {
    let view = start;
    for (let number = 3; number < 11; number++) view = running(number, 10, view);
    const lines = renderRunFrame(view, { ...options, rows: 8 });
    expect(lines.length).toBeLessThan(8);
    expect(lines).toContain('… and 4 more running');
  });

  it('is ASCII where the terminal knows no more', () => {
    const lines = renderRunFrame(running(3, 20), { ...options, hasUnicode: false });
    expect(lines[0]).toContain('###############---------------');
  });
});

describe('the remaining time', () => {
  it('is unknown before a trial has got anywhere', () => {
    expect(estimateRemainingMs(start, 0)).toBeUndefined();
  });

  it('counts the trials that are open, less what the running ones have done, over the slots', () => {
    const view: RunView = { ...running(4, 20, running(3, 20)), durationsMs: [60_000] };
    // 9 open, two of them half done: 8 trials of a minute on two slots.
    expect(estimateRemainingMs(view, 0)).toBe(240_000);
  });

  it('is at least what the last trial still needs', () => {
    const view: RunView = { ...running(3, 20), durationsMs: [60_000], done: 11 };
    expect(estimateRemainingMs(view, 0)).toBe(30_000);
  });
});
