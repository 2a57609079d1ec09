/** What every pruner promises, tried on one study with infeasible, failed and gappy trials. A new pruner joins by one line. */
import { InputError, type Direction } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import type { Pruner, PruningDecision, PruningRequest, TrialCurve } from '../pruner.ts';
import { simulatePruning } from '../simulate-pruning.ts';
import { curveOf, cut, learningCurves } from './curves.ts';

const LENGTH = 20;
const objective = { metric: 'validationLoss', direction: 'minimise' } as const;
const budget = { unit: 'epochs', total: LENGTH } as const;

/** 30 trials: every seventh diverges after five epochs, every eleventh fails, some miss values. */
const trials = learningCurves(30, { length: LENGTH, jitter: 0.05, seed: 8 }).map((values, number): TrialCurve => {
  if (number % 7 === 3) return curveOf(number, values.slice(0, 5), { state: 'INFEASIBLE' });
  if (number % 11 === 5) return curveOf(number, values.slice(0, 9), { state: 'FAILED' });
  const gappy = values.map((value, epoch) => (number % 5 === 2 && epoch % 3 === 1 ? null : value));
  return curveOf(number, gappy, { state: 'COMPLETED' });
});

interface Asked {
  readonly request: PruningRequest;
  readonly decision: PruningDecision;
}

/** Everything that a pruner was asked in that study, as it was known then. */
function study(pruner: Pruner, recorded: readonly TrialCurve[], direction: Direction = 'minimise'): readonly Asked[] {
  const asked: Asked[] = [];
  const recording: Pruner = (request) => {
    const decision = pruner(request);
    asked.push({ request: structuredClone(request), decision });
    return decision;
  };
  simulatePruning(recorded, { pruner: recording, objective: { ...objective, direction }, budget, slots: 4 });
  return asked;
}

export function describePruner(name: string, pruner: Pruner): void {
  describe(`the pruner ${name}`, () => {
    const asked = study(pruner, trials);
    const rival = (number: number, floor: number) =>
      curveOf(
        number,
        Array.from({ length: LENGTH }, (_, epoch) => floor + 1 / (epoch + 1)),
        { state: 'COMPLETED' },
      );
    const rivals = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => rival(number, 0.5 + number / 10));
    const best = rival(8, 0.1);
    const ask = (request: Partial<PruningRequest>) =>
      pruner({ trial: cut(best, 7), others: rivals, objective, budget, ...request });
    /** Its verdicts over the whole of a trial's training. */
    const verdicts = (trial: TrialCurve, others: readonly TrialCurve[]) =>
      trial.epochs.map((_, epoch) => ask({ trial: cut(trial, epoch + 1), others }).verdict);

    it('decides the same from the same history: asked again, in any order, by another process', () => {
      expect(asked.length).toBeGreaterThan(100);
      for (const { request, decision } of asked.toReversed()) {
        expect(pruner(request)).toEqual(decision);
        const elsewhere = JSON.parse(JSON.stringify(request)) as PruningRequest;
        expect(pruner({ ...elsewhere, others: elsewhere.others.toReversed() })).toEqual(decision);
      }
    });

    it('leaves what it is given as it was', () => {
      for (const { request, decision } of asked) expect(pruner(deepFreeze(request))).toEqual(decision);
    });

    it('decides the same of mirrored values in the other direction', () => {
      const mirrored = trials.map((trial) => withLosses(trial, (value) => value && -value));
      const verdictsOf = (all: readonly Asked[]) =>
        all.map(({ request, decision }) => [request.trial.number, decision.at, decision.verdict]);
      expect(verdictsOf(study(pruner, mirrored, 'maximise'))).toEqual(verdictsOf(asked));
    });

    it('looks at the metric of the objective, whatever else is measured', () => {
      for (const { request, decision } of asked) {
        const crowded = { ...request, trial: crowd(request.trial), others: request.others.map(crowd) };
        expect(pruner(crowded)).toEqual(decision);
      }
    });

    it('gives a reason in a sentence with its place, and the trials behind it', () => {
      const known = new Set(trials.map(({ number }) => number));
      for (const { request, decision } of asked) {
        expect(decision.reason.split(' ').length).toBeGreaterThan(4);
        expect(decision.at).toBe(request.trial.epochs.at(-1));
        expect(decision.evidence).toEqual([...decision.evidence].sort((a, b) => a - b));
        expect(decision.evidence.every((number) => known.has(number))).toBe(true);
        if (decision.verdict === 'continue') continue;
        expect(decision.reason).toContain(`epoch ${decision.at ?? ''}`);
        expect(decision.reason).toContain('validationLoss');
        expect(decision.evidence.length).toBeGreaterThan(0);
      }
    });

    it('goes on before the first measurement and at the end of the training', () => {
      expect(ask({ trial: cut(best, 0) })).toMatchObject({ verdict: 'continue', at: null, evidence: [] });
      expect(ask({ trial: { ...rival(9, 5), state: 'RUNNING' } }).verdict).toBe('continue');
    });

    it('never stops a trial that improves and is the best, nor one that improves alone', () => {
      const everyOne = [...rivals, curveOf(30, [2, null], { state: 'INFEASIBLE' }), curveOf(31, [])];
      for (const others of [rivals, everyOne, []])
        expect(new Set(verdicts(best, others))).toEqual(new Set(['continue']));
      expect(new Set(verdicts(rival(9, 5), []))).toEqual(new Set(['continue']));
    });

    it('does not compare with infeasible trials as if they were good, nor with other folds, nor with the trial itself', () => {
      const poor = rival(9, 5);
      const infeasible = rivals.map((one) => ({ ...cut(one, 2), state: 'INFEASIBLE' as const }));
      const elsewhere = rivals.map((one) => ({ ...one, fold: 1 }));
      const itself = { ...withLosses(poor, () => 0), state: 'COMPLETED' as const };
      for (const others of [infeasible, elsewhere, Array.from({ length: 8 }, () => itself)]) {
        expect(new Set(verdicts(poor, others))).toEqual(new Set(['continue']));
      }
    });

    it('takes NaN and infinities for what they are: not finite', () => {
      for (const { request, decision } of asked) {
        const raw = (trial: TrialCurve) =>
          withLosses(trial, (value, epoch) => value ?? [NaN, Infinity, -Infinity][epoch % 3]!);
        expect(pruner({ ...request, trial: raw(request.trial), others: request.others.map(raw) })).toEqual(decision);
      }
      const lost = withLosses(best, () => null);
      expect(verdicts(lost, rivals).length).toBe(LENGTH);
      expect(verdicts(best, [lost]).every((verdict) => verdict === 'continue')).toBe(true);
    });

    it('refuses a metric that is not measured, naming those that are', () => {
      const other = { metric: 'validationMacroF1', direction: 'maximise' } as const;
      // A pruner that watches a metric of its own does not need the objective.
      const isRefused = (request: Partial<PruningRequest>) => expect(() => ask(request)).toThrow(InputError);
      isRefused({ objective: other });
      expect(() => ask({ objective: other })).toThrow(/validationLoss.*got validationMacroF1/);
      isRefused({ trial: { ...cut(best, 7), epochs: [1, 2, 3] } });
      isRefused({ trial: { ...cut(best, 3), steps: [100, 300, 200] } });
      isRefused({ trial: { ...cut(best, 3), steps: [100, 200, 200] } });
      isRefused({ budget: { unit: 'epochs', total: 0 } });
    });
  });
}

function withLosses(trial: TrialCurve, change: (value: number | null, epoch: number) => number | null): TrialCurve {
  return { ...trial, values: { validationLoss: (trial.values.validationLoss ?? []).map(change) } };
}

/** The same trial with metrics beside the objective, good where it is bad. */
function crowd(trial: TrialCurve): TrialCurve {
  const { validationLoss = [] } = trial.values;
  const accuracy = validationLoss.map((value) => value && -value);
  return { ...trial, values: { trainLoss: accuracy, validationLoss, validationAccuracy: accuracy } };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
