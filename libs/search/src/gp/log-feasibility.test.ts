import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { normalCdf } from '../numeric/normal.ts';
import type { Acquisition } from './acquisition.ts';
import { fitLaplaceProbit } from './laplace-probit.ts';
import { logFeasibility } from './log-feasibility.ts';

const rng = createRng('feasibility');
const points = Array.from({ length: 60 }, () => Float64Array.from({ length: 3 }, () => rng.next()));
const others = Array.from({ length: 400 }, () => Float64Array.from({ length: 3 }, () => rng.next()));
const isCategorical = new Uint8Array(3);

function learn(isFeasible: (x: Float64Array) => boolean): Acquisition {
  return logFeasibility({
    feasible: points.filter(isFeasible),
    infeasible: points.filter((x) => !isFeasible(x)),
    isCategorical,
  });
}

/** Of points that were not seen: how many are judged on the right side of a probability of one half. */
function shareJudgedRight(isFeasible: (x: Float64Array) => boolean): number {
  const learnt = learn(isFeasible);
  // Twenty times log 1/2: the judgement is cautious by this power.
  const right = others.filter((x) => learnt.value(x) > 20 * Math.log(0.5) === isFeasible(x));
  return right.length / others.length;
}

describe('the model of feasibility', () => {
  it('learns a half-space from sixty flags', () => {
    expect(shareJudgedRight(([a = 0, b = 0, c = 0]) => a + 2 * b + 3 * c < 3.6)).toBeGreaterThan(0.95);
  });

  it('learns a region that no plane parts', () => {
    expect(shareJudgedRight(([a = 0, b = 0]) => Math.hypot(a - 0.5, b - 0.5) < 0.4)).toBeGreaterThan(0.85);
  });

  it('does not come back to where configurations were infeasible, nor doubt those that were feasible', () => {
    const isFeasible = ([a = 0, b = 0, c = 0]: Float64Array): boolean => a + 2 * b + 3 * c < 3.6;
    const learnt = learn(isFeasible);
    const inside = points.filter((x) => isFeasible(x)).map((x) => learnt.value(x));
    const outside = points.filter((x) => !isFeasible(x)).map((x) => learnt.value(x));
    expect(Math.max(...outside)).toBeLessThan(-10);
    expect(inside.filter((value) => value > -1).length / inside.length).toBeGreaterThan(0.5);
  });

  it('tells the choices of a categorical coordinate apart', () => {
    const choices = Array.from({ length: 12 }, (_, i) => Float64Array.of(i % 3, 0.1 + (i % 4) / 5));
    const learnt = logFeasibility({
      feasible: choices.filter(([choice]) => choice !== 1),
      infeasible: choices.filter(([choice]) => choice === 1),
      isCategorical: Uint8Array.of(1, 0),
    });
    const at = (choice: number): number => learnt.value(Float64Array.of(choice, 0.47));
    expect(at(1)).toBeLessThan(Math.min(at(0), at(2)) - 10);
  });

  it('is fitted to the latest where there are many', () => {
    const many = Array.from({ length: 500 }, (_, i) => Float64Array.of(((i * 0.618) % 1) * (i < 300 ? 1 : 0.5)));
    const learnt = logFeasibility({
      feasible: many,
      infeasible: [Float64Array.of(1)],
      isCategorical: new Uint8Array(1),
    });
    const latest = logFeasibility({
      feasible: many.slice(-199),
      infeasible: [Float64Array.of(1)],
      isCategorical: new Uint8Array(1),
    });
    expect(learnt.value(Float64Array.of(0.7))).toBe(latest.value(Float64Array.of(0.7)));
  });
});

describe('Laplace of a probit', () => {
  it('has the mode and the evidence of one label, which are known', () => {
    // One label +1 under Normal(0, k): the mode solves f = k phi(f) / Phi(f), the marginal likelihood is 1/2 whatever k.
    const { slopes, roots, evidence } = fitLaplaceProbit(Float64Array.of(2), Float64Array.of(1));
    const f = 2 * (slopes[0] as number);
    expect(slopes[0]).toBeCloseTo(Math.exp(-0.5 * f * f) / Math.sqrt(2 * Math.PI) / normalCdf(f), 3);
    expect((roots[0] as number) ** 2).toBeCloseTo((slopes[0] as number) * (f + (slopes[0] as number)), 3);
    expect(Math.exp(evidence)).toBeCloseTo(0.5, 1);
  });
});
