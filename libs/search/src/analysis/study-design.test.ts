import type { FixedHyperparameter, Hyperparameter, Kind, Role, Space } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { budgetMeter } from './budget-meter.ts';
import { defaultRole, roleCheck } from './default-role.ts';
import { fixedInteractions } from './fixed-interactions.ts';
import { optimizerCoverage } from './optimizer-coverage.ts';
import { samplerAdvice } from './sampler-advice.ts';
import { scaleAdvice } from './scale-advice.ts';

const range = { type: 'float', minimum: 1e-4, maximum: 1e-1, scale: 'log' } as const;

function one(
  name: string,
  kind: Kind,
  role: Exclude<Role, 'fixed'> = 'nuisance',
  domain: Hyperparameter['domain'] = range,
): Hyperparameter {
  return { name, kind, role, domain };
}

function spaceWith(hyperparameters: readonly Hyperparameter[], fixed: readonly FixedHyperparameter[] = []): Space {
  return { version: 1, hyperparameters, fixed };
}

const held = (name: string, kind: Kind, reason = 'usual'): FixedHyperparameter => ({ name, kind, value: 0.1, reason });

describe('roles', () => {
  it('follow the rules of thumb by kind', () => {
    expect(defaultRole('optimizer', { isChoice: false })).toBe('nuisance');
    expect(defaultRole('optimizer', { isChoice: true })).toBe('scientific');
    expect(defaultRole('regulariser', { isChoice: false })).toBe('nuisance');
    expect(defaultRole('architecture', { isChoice: false })).toBe('scientific');
    expect(defaultRole('initialisation', { isChoice: true })).toBe('nuisance');
    expect(defaultRole('batch', { isChoice: false })).toBe('fixed');
    expect(defaultRole('steps', { isChoice: false })).toBe('fixed');
  });

  it('refuse the length of training, the batch size as nuisance, and a fixed value without a reason', () => {
    const codes = (space: Space) => roleCheck(space).numbers.problems.map(({ code }) => code);
    expect(codes(spaceWith([one('epochs', 'steps')]))).toEqual(['steps-in-study']);
    expect(codes(spaceWith([one('batchSize', 'batch')]))).toEqual(['batch-as-nuisance']);
    expect(codes(spaceWith([], [held('dropout', 'regulariser', ' ')]))).toEqual(['fixed-without-reason']);
    expect(roleCheck(spaceWith([one('epochs', 'steps')]))).toMatchObject({ verdict: 'refused', status: 'fail' });
  });

  it('allow a scientific batch size only with the optimizer and a regulariser tuned for each', () => {
    const batch = one('batchSize', 'batch', 'scientific');
    expect(roleCheck(spaceWith([batch, one('learningRate', 'optimizer')])).verdict).toBe('refused');
    expect(roleCheck(spaceWith([batch, one('learningRate', 'optimizer'), one('dropout', 'regulariser')])).verdict).toBe(
      'fine',
    );
  });

  it('advise on unusual ones and carry the fixed ones as caveats', () => {
    const check = roleCheck(
      spaceWith([one('learningRate', 'optimizer', 'scientific')], [held('momentum', 'optimizer')]),
    );
    expect(check).toMatchObject({ verdict: 'advice', numbers: { counts: { scientific: 1, nuisance: 0, fixed: 1 } } });
    expect(check.numbers.caveats).toEqual(['holds for momentum = 0.1 (usual)']);
  });

  it('know that a fixed weight decay interacts with the width of a model, and not with a nuisance one', () => {
    const fixed = [held('weightDecay', 'regulariser')];
    expect(fixedInteractions(spaceWith([one('mlpSize', 'architecture', 'scientific')], fixed))).toMatchObject([
      { scientific: 'mlpSize', fixed: 'weightDecay' },
    ]);
    expect(fixedInteractions(spaceWith([one('mlpSize', 'architecture')], fixed))).toEqual([]);
  });
});

describe('coverage of the optimizer', () => {
  const unstated = spaceWith([one('learningRate', 'optimizer')], [held('beta1', 'optimizer', 'catalogue default')]);

  it.each([
    [0.2, ['learningRate']],
    [8, ['learningRate']],
    [10, ['learningRate', 'beta1']],
    [25, ['learningRate', 'beta1']],
    [26, ['learningRate', 'beta1', 'epsilon']],
    [200, ['learningRate', 'beta1', 'epsilon', 'beta2']],
  ])('recommends at %f trials of Adam', (trialsPerValue, recommended) => {
    expect(optimizerCoverage(unstated, { optimizer: 'adam', trialsPerValue }).numbers.recommended).toEqual(recommended);
  });

  it('lists what is neither tuned nor fixed with a reason', () => {
    const check = optimizerCoverage(unstated, { optimizer: 'adamw', trialsPerValue: 8 });
    expect(check).toMatchObject({ verdict: 'unstated', numbers: { unstated: ['beta1', 'epsilon', 'beta2'] } });
    expect(check.reason).toContain("you tune 1 of adamw's 4 hyperparameters; unstated: beta1, epsilon and beta2");
  });

  it('asks for more at a larger budget, for fewer at a smaller one', () => {
    expect(optimizerCoverage(unstated, { optimizer: 'adam', trialsPerValue: 18 })).toMatchObject({
      verdict: 'tune-more',
      reason: '18 trials: tune learningRate and beta1; fix epsilon and beta2',
    });
    const wide = spaceWith([one('learningRate', 'optimizer'), one('beta2', 'optimizer')]);
    expect(optimizerCoverage(wide, { optimizer: 'adam', trialsPerValue: 18 }).verdict).toBe('tune-fewer');
  });

  it('is looked at in the branch of the optimizer, and has no budget rule for others than Adam', () => {
    const branches = spaceWith([
      one('optimizer=sgd/learningRate', 'optimizer'),
      one('optimizer=sgd/momentum', 'optimizer'),
      one('optimizer=adam/learningRate', 'optimizer'),
    ]);
    expect(optimizerCoverage(branches, { optimizer: 'sgd', trialsPerValue: 30 })).toMatchObject({
      verdict: 'covered',
      numbers: { tuned: ['learningRate', 'momentum'], recommended: null },
    });
    expect(optimizerCoverage(branches, { optimizer: 'adam', trialsPerValue: 5 }).numbers.tuned).toEqual([
      'learningRate',
    ]);
  });
});

describe('the budget meter', () => {
  const space = spaceWith([
    one('optimizer', 'optimizer', 'scientific', { type: 'categorical', choices: ['sgd', 'adam'] }),
    one('optimizer=sgd/learningRate', 'optimizer'),
    one('optimizer=sgd/momentum', 'optimizer'),
    one('optimizer=adam/learningRate', 'optimizer'),
    one('optimizer=adam/variant', 'optimizer', 'scientific', { type: 'categorical', choices: ['a', 'b', 'c'] }),
    one('dropout', 'regulariser'),
  ]);

  it('counts values over branches and the dimensions of the widest branch', () => {
    // SGD and three of Adam; the rate and momentum of SGD, and dropout.
    expect(budgetMeter(space, { trialCount: 40 }).numbers).toMatchObject({
      scientificValues: 4,
      nuisanceDimensions: 3,
      trialsPerValue: 10,
    });
  });

  it('is green, amber or red by the trials each value has for each dimension', () => {
    expect(budgetMeter(space, { trialCount: 120 })).toMatchObject({ verdict: 'enough', next: null });
    expect(budgetMeter(space, { trialCount: 60 })).toMatchObject({ verdict: 'tight', next: { trialCount: 60 } });
    expect(budgetMeter(space, { trialCount: 40 })).toMatchObject({ verdict: 'under-tuned', status: 'fail' });
  });

  it('takes a scientific range as its plot does, and a space without nuisance hyperparameters', () => {
    const width = spaceWith([one('mlpSize', 'architecture', 'scientific')]);
    expect(budgetMeter(width, { trialCount: 5 }).numbers).toMatchObject({
      scientificValues: 5,
      trialsPerDimension: null,
    });
    expect(budgetMeter(width, { trialCount: 5 }).verdict).toBe('enough');
  });
});

describe('scales', () => {
  it('of learning rates and decays are decades, and say how many trials each has', () => {
    const check = scaleAdvice(spaceWith([one('learningRate', 'optimizer')]), { trialCount: 24 });
    expect(check).toMatchObject({ verdict: 'fine', numbers: [{ trialsPerDecade: expect.closeTo(8, 9) as number }] });
    expect(check.reason).toBe('learningRate: 1e-4 to 0.1, 3 decades, 8 trials a decade');
  });

  it('are to be changed where a linear one hides decades', () => {
    const linear = { ...range, scale: 'linear' } as const;
    const check = scaleAdvice(spaceWith([one('weightDecay', 'regulariser', 'nuisance', linear)]), { trialCount: 24 });
    expect(check).toMatchObject({ verdict: 'change-scale', next: { domains: { weightDecay: range } } });
    const betas = { type: 'float', minimum: 0.9, maximum: 0.999, scale: 'linear' } as const;
    expect(
      scaleAdvice(spaceWith([one('beta2', 'optimizer', 'nuisance', betas)]), { trialCount: 24 }).numbers[0],
    ).toMatchObject({
      proposed: 'log of one minus it',
      decades: expect.closeTo(2, 9) as number,
    });
    const narrow = { ...betas, minimum: 0.8, maximum: 0.95 };
    expect(scaleAdvice(spaceWith([one('momentum', 'optimizer', 'nuisance', narrow)]), { trialCount: 24 }).verdict).toBe(
      'fine',
    );
  });
});

describe('the sampler', () => {
  const space = spaceWith([
    one('learningRate', 'optimizer'),
    one('dropout', 'regulariser'),
    one('weightDecay', 'regulariser'),
  ]);
  const advice = (phase: 'explore' | 'exploit', trialCount: number, parallelism: number) =>
    samplerAdvice(space, { phase, trialCount, parallelism }).verdict;

  it('is quasi-random to explore, adaptive to exploit with many trials in a row', () => {
    expect(advice('explore', 120, 2)).toBe('quasi-random');
    expect(advice('exploit', 120, 2)).toBe('adaptive');
    expect(advice('exploit', 64, 32)).toBe('quasi-random');
    expect(advice('exploit', 12, 1)).toBe('quasi-random');
  });

  it('may be a grid in one or two dimensions', () => {
    const check = samplerAdvice(spaceWith([one('learningRate', 'optimizer')]), {
      phase: 'explore',
      trialCount: 9,
      parallelism: 1,
    });
    expect(check.numbers.isGridFine).toBe(true);
    expect(check.reason).toContain('with 1 dimension a grid is fine');
  });
});
