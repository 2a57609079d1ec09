import { InputError, type Direction } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { createPruner } from './create-pruner.ts';
import { noPruner } from './no-pruner.ts';
import type { Pruner, PruningRequest } from './pruner.ts';
import { REPLAY_THRESHOLDS } from './pruner-replay.ts';
import { replayPruner, type ReplayOptions } from './replay-pruner.ts';
import { simulatePruning, type RecordedTrial } from './simulate-pruning.ts';
import { curveOf } from './testing/curves.ts';

const objective = { metric: 'validationLoss', direction: 'minimise' } as const;
const budget = { unit: 'epochs', total: 10 } as const;

/** Stops these trials at these epochs. */
const stopping =
  (stops: Readonly<Record<number, number>>): Pruner =>
  ({ trial }) => ({
    verdict: trial.epochs.at(-1) === stops[trial.number] ? 'prune' : 'continue',
    reason: `planned at epoch ${trial.epochs.at(-1) ?? 0}`,
    evidence: [trial.number],
    at: trial.epochs.at(-1) ?? null,
    value: null,
    threshold: null,
  });
const completed = (number: number, values: readonly (number | null)[]): RecordedTrial =>
  curveOf(number, values, { state: 'COMPLETED' });
/** Trial i stays at a loss of i: trial 0 is the best. */
const levels = (count: number, length = 10): readonly RecordedTrial[] =>
  Array.from({ length: count }, (_, number) => completed(number, new Array<number>(length).fill(number)));
const replay = (trials: readonly RecordedTrial[], options: Partial<ReplayOptions>) =>
  replayPruner(trials, { pruner: noPruner, objective, budget, ...options });

const settings = { kind: 'successive-halving', grace: 2, eta: 2, fewestInRung: 1 } as const;
const budget10 = Array.from({ length: 10 }, (_, epoch) => epoch + 1);

describe('a simulated study', () => {
  const run = (trials: readonly RecordedTrial[], pruner: Pruner, slots: number) =>
    simulatePruning(trials, { pruner, objective, budget, slots });

  it('gives a freed slot to the next trial', () => {
    // Two slots: trials 0 and 1 to epoch 10, 2 and 3 to 20.
    expect(run(levels(4), noPruner, 2).makespan).toBe(20);
    // Trial 0 to 4, trial 2 from 4 to 14; trial 1 to 10, trial 3 to 20.
    expect(run(levels(4), stopping({ 0: 4 }), 2).makespan).toBe(20);
    // Both first ones to 4: 2 and 3 from 4 to 14.
    expect(run(levels(4), stopping({ 0: 4, 1: 4 }), 2).makespan).toBe(14);
    expect(run(levels(4), noPruner, 1).makespan).toBe(40);
    expect(run(levels(4), noPruner, 64).makespan).toBe(10);
  });

  it('goes by the clock where times are known', () => {
    const clock = (trial: RecordedTrial, epochMs: number) => ({
      ...trial,
      elapsedMs: trial.epochs.map((epoch) => epoch * epochMs),
    });
    const [first, second, third] = levels(3) as [RecordedTrial, RecordedTrial, RecordedTrial];
    const timed = [clock(first, 100), clock(second, 1000), clock(third, 100)];
    expect(run(timed, noPruner, 2).makespan).toBe(10_000);
    expect(run(timed, stopping({ 1: 2 }), 2).makespan).toBe(2000);
    // One without its times: all go by their epochs.
    expect(run([first, ...timed.slice(1)], noPruner, 2).makespan).toBe(20);
  });

  it('asks with what was known at that moment', () => {
    const seen: string[] = [];
    const looking: Pruner = (request: PruningRequest) => {
      const others = request.others.map(({ number, state, epochs }) => `${number} ${state} ${epochs.length}`);
      seen.push(`${request.trial.number}: ${others.join(', ')}`);
      return stopping({ 0: 1 })(request);
    };
    const trials = [...levels(2, 2), curveOf(2, [], { state: 'INFEASIBLE' }), completed(3, [1, 1])];
    run(trials, looking, 2);
    expect(seen).toEqual([
      '0: 0 RUNNING 1, 1 RUNNING 0',
      '1: 0 PRUNED 1, 1 RUNNING 1, 2 INFEASIBLE 0, 3 RUNNING 0',
      // Trial 1 ends at epoch 2, when trial 3, begun at 1, measures its first.
      '3: 0 PRUNED 1, 1 COMPLETED 2, 2 INFEASIBLE 0, 3 RUNNING 1',
    ]);
  });

  it('refuses what is no study', () => {
    expect(() => run(levels(2), noPruner, 0)).toThrow(InputError);
    expect(() => run([...levels(2), ...levels(1)], noPruner, 1)).toThrow(/expected each trial once, got trial 0 twice/);
    const broken = { ...completed(5, [1, 2]), elapsedMs: [5, 3] };
    expect(() => run([broken], noPruner, 1)).toThrow(
      /elapsedMs of trial 5 to be 2 ascending numbers, got 2 out of order/,
    );
  });
});

describe('a replay', () => {
  it('says what would have been saved, and that nothing was lost', () => {
    const stops = Object.fromEntries([5, 6, 7, 8, 9, 10, 11].map((number) => [number, 3]));
    const found = replay(levels(12), { pruner: stopping(stops), slots: 2 });
    expect(found).toMatchObject({ verdict: 'saves', status: 'pass', trials: [5, 6, 7, 8, 9, 10, 11] });
    expect(found.numbers).toMatchObject({
      trials: 12,
      complete: 12,
      trained: 120,
      saved: 49,
      savedShare: 49 / 120,
      isTimed: false,
      // Trials 0 to 3 by epoch 20; trial 4 to 30, while 5, 6, 7 follow one another to 29; then 8 to 32, 9 to 33, 10 to 35, 11 to 36.
      makespan: { without: 60, with: 36 },
      best: { configuration: 0, value: 0 },
      bestKept: { configuration: 0, value: 0 },
      regret: 0,
      top: [0, 1, 2],
      topStopped: [],
    });
    expect(found.stops[0]).toEqual({
      trial: 5,
      at: 3,
      saved: 7,
      bestThen: 5,
      bestInTheEnd: 5,
      reason: 'planned at epoch 3',
      evidence: [5],
    });
    expect(found.reason).toBe(
      'the pruner would have saved 41 % of the compute and lost nothing: the best validationLoss stays 0',
    );
    expect(found.sentences).toEqual([
      'It would have stopped 7 of 12 trials and saved 49 of 120 epochs (41 % of the epochs); on 2 slots the study would have lasted 36 epochs instead of 60 epochs.',
      'Trial 0, the best with 0, would have run to its end.',
      'All of the top 3 would have run to their end.',
      'Of 20 other orders of starting, which save 41 %, none would have lost more than is tolerated.',
      "The order so far and the final order of those that are complete correlate (Kendall's tau) by 1.00 at epoch 1 (12 trials), 1.00 at epoch 2.5 (12 trials), 1.00 at epoch 5 (12 trials) and 1.00 at epoch 7.5 (12 trials).",
    ]);
  });

  it('tells when the best would have been stopped, and what that would have cost', () => {
    const pruner = stopping({ 0: 2, 1: 4 });
    const found = replay(levels(12), { pruner });
    expect(found).toMatchObject({ verdict: 'loses', status: 'fail' });
    expect(found.numbers).toMatchObject({
      best: { configuration: 0 },
      bestKept: { configuration: 2, value: 2 },
      regret: 2,
      saved: 14,
      topStopped: [0, 1],
    });
    expect(found.reason).toContain('lost 2 of validationLoss: 2 instead of 0');
    expect(found.sentences.slice(1, 3)).toEqual([
      'Trial 0, the best with 0, would have been stopped at epoch 2, and the best kept is trial 2: planned at epoch 2.',
      'Of the top 3, 2 would have been stopped: trials 0 and 1.',
    ]);
    // Within the noise of retraining it is no loss, but most of the top are gone.
    const tolerant = replay(levels(12), { pruner, thresholds: { toleratedRegret: 2 } });
    expect(tolerant).toMatchObject({ verdict: 'saves', status: 'caution' });
    expect(tolerant.advice).toContain('luck');
    expect(tolerant.thresholds).toEqual({ ...REPLAY_THRESHOLDS, toleratedRegret: 2 });
  });

  it('counts upwards where the objective is maximised', () => {
    const direction: Direction = 'maximise';
    const found = replay(levels(12), { pruner: stopping({ 11: 2 }), objective: { ...objective, direction } });
    expect(found.numbers).toMatchObject({
      best: { configuration: 11, value: 11 },
      bestKept: { configuration: 10 },
      regret: 1,
    });
    expect(found.verdict).toBe('loses');
  });

  it('judges by the best epoch of a trial, not its last', () => {
    const overfit = completed(20, [0.5, -3, 9, 9, 9, 9, 9, 9, 9, null]);
    const found = replay([...levels(12), overfit], { pruner: stopping({ 20: 4 }) });
    expect(found.numbers).toMatchObject({ best: { configuration: 20, value: -3 }, regret: 3 });
    expect(found.stops[0]).toMatchObject({ bestThen: -3, bestInTheEnd: -3 });
  });

  it('values the folds of a configuration together, and loses it with any one of them', () => {
    // Configurations 0 to 11 of two folds each; the second fold is harder by 100.
    const folds = levels(24).map(({ number }) => ({
      ...completed(number, new Array<number>(10).fill(Math.floor(number / 2) + 100 * (number % 2))),
      fold: number % 2,
      configuration: Math.floor(number / 2),
    }));
    const found = replay(folds, { pruner: stopping({ 1: 5 }) });
    expect(found.numbers).toMatchObject({
      trials: 24,
      complete: 12,
      isAggregated: true,
      best: { configuration: 0, trials: [0, 1], value: 50 },
      bestKept: { configuration: 1, trials: [2, 3], value: 51 },
      regret: 1,
      topStopped: [0],
    });
    expect(found.sentences[1]).toBe(
      'Configuration 0, the best with 50, would have been stopped at epoch 5 in trial 1, and the best kept is configuration 1: planned at epoch 5.',
    );
    const half = folds.map((trial) => (trial.number === 1 ? { ...trial, state: 'INFEASIBLE' as const } : trial));
    expect(replay(half, {}).numbers).toMatchObject({ complete: 11, best: { configuration: 1 } });
  });

  it('tells a pruner that saves too little, and a study too small to tell', () => {
    expect(replay(levels(12), { pruner: stopping({ 11: 2 }) })).toMatchObject({ verdict: 'idle', status: 'caution' });
    expect(replay(levels(12), {})).toMatchObject({ verdict: 'idle', numbers: { saved: 0, regret: 0 } });
    expect(replay(levels(9), { pruner: stopping({ 8: 1 }) })).toMatchObject({
      verdict: 'too-few',
      status: 'not-known',
      reason: '9 complete trials with a finite validationLoss: 10 are needed to judge a pruner',
    });
    expect(replay([], {})).toMatchObject({ verdict: 'too-few', numbers: { savedShare: 0, best: null, regret: null } });
    const everyOne = stopping(Object.fromEntries(levels(12).map(({ number }) => [number, 1])));
    expect(replay(levels(12), { pruner: everyOne })).toMatchObject({
      verdict: 'loses',
      numbers: { bestKept: null, regret: null },
      reason: 'the pruner would have saved 90 % of the compute and kept nothing that is complete',
    });
  });

  it('weighs compute by time where it is known', () => {
    const trials = levels(12).map((trial) => ({
      ...trial,
      elapsedMs: trial.epochs.map((epoch) => epoch * (trial.number === 11 ? 89_000 : 1000)),
    }));
    const found = replay(trials, { pruner: stopping({ 11: 5 }) });
    // Trial 11 alone takes 890 of 1,000 s.
    expect(found.numbers).toMatchObject({ isTimed: true, saved: 5, savedShare: 445 / 1000, trained: 120 });
    expect(found.sentences[0]).toContain(
      '(45 % of the training time); on 1 slot the study would have lasted 555 s instead of 1000 s',
    );
  });

  it('finds a best trial that was kept by luck: because it was the first at its rung', () => {
    const late = levels(24).map(({ number }) =>
      completed(
        number,
        budget10.map((epoch) => (epoch < 6 ? 2 - number / 24 : number / 24)),
      ),
    );
    const pruner = createPruner(settings);
    const found = replay(late, { pruner, slots: 4 });
    expect(found).toMatchObject({
      verdict: 'loses',
      status: 'fail',
      numbers: { best: { configuration: 0 }, regret: 0 },
    });
    expect(found.reason).toMatch(/but by luck: in (1\d|20) of 20 other orders of starting it would have lost more/);
    expect(found.numbers.rankCorrelations[0]?.tau).toBe(-1);
    expect(replay(late, { pruner, slots: 4, otherOrders: 0 })).toMatchObject({ verdict: 'saves', status: 'caution' });
    expect(replay(late.toReversed(), { pruner, slots: 4, otherOrders: 0 })).toMatchObject({
      verdict: 'loses',
      numbers: { topStopped: [0, 1, 2] },
    });
  });

  it('passes over trials that are not finished, and names curves that were cut short', () => {
    const trials = [
      ...levels(12),
      curveOf(12, [1, 1], { state: 'RUNNING' }),
      curveOf(13, [], { state: 'QUEUED' }),
      curveOf(14, [-5, -5], { state: 'PRUNED' }),
      curveOf(15, [-9, null], { state: 'INFEASIBLE' }),
    ];
    const found = replay(trials, {});
    expect(found.numbers).toMatchObject({
      trials: 14,
      complete: 12,
      cutShort: [14],
      best: { configuration: 0 },
      trained: 124,
    });
    expect(found.sentences.at(-1)).toContain('1 recorded curve had been cut short already');
  });

  it('shows whether early values could have told', () => {
    // Losses at epochs 1 to 4 in the opposite order of those from 5 on, which are all lower.
    const crossing = Array.from({ length: 12 }, (_, number) =>
      completed(number, [...new Array<number>(4).fill(100 - number), ...new Array<number>(6).fill(number)]),
    );
    const { rankCorrelations } = replay(crossing, { checkpoints: [1, 4.5, 5] }).numbers;
    expect(rankCorrelations).toEqual([
      { at: 1, count: 12, tau: -1 },
      { at: 4.5, count: 12, tau: -1 },
      { at: 5, count: 12, tau: 1 },
    ]);
  });

  it.each([1, 4])('finds that halving saves where the order holds, with %d at once', (slots) => {
    const falling = levels(24).map(({ number }) =>
      // Worst in the middle, so that the first to start are not the best.
      completed(
        number,
        budget10.map((epoch) => ((number * 7) % 24) / 24 + 1 / epoch),
      ),
    );
    const found = replay(falling, { pruner: createPruner(settings), slots });
    expect(found).toMatchObject({ verdict: 'saves', numbers: { regret: 0, best: { configuration: 0 } } });
    expect(found.numbers.savedShare).toBeGreaterThan(0.3);
    expect(replay(falling, { pruner: createPruner(settings), slots })).toEqual(found);
  });
});
