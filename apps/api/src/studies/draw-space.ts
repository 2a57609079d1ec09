/** Draws from a space before it is searched: how many its constraints let through, and how many cannot be built. */
import { findFamily, type ModelShape } from '@kinetune/models/catalogue';
import {
  createRng,
  isActive,
  resolveValues,
  valueFromUnit,
  type HyperparameterValue,
  type Rng,
  type Space,
  type Values,
} from '@kinetune/study';
import { acceptance, isWhole } from './acceptance.ts';

export interface SpaceDraws {
  readonly draws: number;
  /** Draws that satisfy the constraints. */
  readonly accepted: number;
  /** Of those, the ones whose model cannot be built; null where the data's shape is not known, or the trainer is not ours. */
  readonly unbuildable: number | null;
  /** Why, each reason once with its numbers as of the first draw that has it. */
  readonly reasons: readonly string[];
  /** A constraint that would leave them out. */
  readonly suggestedConstraint: string | null;
  /** Constraints name quantities that only the data tell, so that they were taken to hold. */
  readonly undecided: readonly string[];
}

const DRAWS = 2000;

/** What makes a model of a family impossible to build, as a constraint. */
const BUILDABLE: Readonly<Record<string, string>> = {
  vit1d: 'windowLength % patchSize == 0',
  cnn1d: 'padding == "same" || layerCount * (kernelSize - 1) < windowLength',
};

/** Uniform draws in the space's own scales, the same ones every time. `model` is null where the catalogue does not know it. */
export function drawSpace(space: Space, model: string | null, shape: Partial<ModelShape>): SpaceDraws {
  const rng = createRng('study check');
  const accepts = acceptance(space, model ?? '', shape);
  const family = model === null ? undefined : findFamily(model);
  const accepted = Array.from({ length: DRAWS }, () => drawValues(space, rng)).filter(accepts);
  const reasons = new Map<string, string>();
  let unbuildable = 0;
  for (const values of accepted) {
    if (family === undefined || !isWhole(shape)) break;
    const problems = family.validate(resolveValues(space, values), shape);
    if (problems.length > 0) unbuildable++;
    for (const problem of problems) {
      const form = problem.replace(/\d+(\.\d+)?/g, 'n');
      if (!reasons.has(form)) reasons.set(form, problem);
    }
  }
  const suggestion = model === null ? undefined : BUILDABLE[model];
  return {
    draws: DRAWS,
    accepted: accepted.length,
    unbuildable: family !== undefined && isWhole(shape) ? unbuildable : null,
    reasons: [...reasons.values()],
    suggestedConstraint:
      unbuildable > 0 && suggestion !== undefined && !(space.constraints ?? []).includes(suggestion)
        ? suggestion
        : null,
    undecided: (['weightCount', 'channelCount', 'classCount'] as const).filter(
      (name) =>
        (name === 'weightCount' ? !isWhole(shape) : shape[name] === undefined) &&
        (space.constraints ?? []).some((text) => new RegExp(`\\b${name}\\b`).test(text)),
    ),
  };
}

function drawValues(space: Space, rng: Rng): Values {
  const all: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) all[name] = value;
  for (const { name, domain } of space.hyperparameters) all[name] = valueFromUnit(domain, rng.next());
  const active = space.hyperparameters.filter(({ name }) => isActive(name, all));
  return Object.fromEntries(active.map(({ name }) => [name, all[name] as HyperparameterValue]));
}
