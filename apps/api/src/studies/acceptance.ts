/** Which configurations a study's constraints let through. */
import { findFamily, type ModelShape } from '@kinetune/models/catalogue';
import {
  constraintHolds,
  parseConstraint,
  resolveValues,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

/** What follows from a configuration and its data; a constraint may name it beside hyperparameters. */
export const DERIVED_NAMES = ['weightCount', 'windowLength', 'channelCount', 'classCount'] as const;

/**
 * Whether a configuration satisfies the space's constraints. A shape that is known in part leaves out what is not: a constraint
 * that names such a quantity holds.
 * @throws InputError for a constraint that does not read.
 */
export function acceptance(space: Space, model: string, shape: Partial<ModelShape>): (values: Values) => boolean {
  const constraints = (space.constraints ?? []).map(parseConstraint);
  if (constraints.length === 0) return () => true;
  // Only a model of the catalogue has weights that can be counted before it is built.
  const isCounted = constraints.some(({ names }) => names.includes('weightCount'));
  const family = isCounted ? findFamily(model) : undefined;
  return (values) => {
    const known: Record<string, HyperparameterValue> = { ...resolveValues(space, values), ...shape };
    if (family !== undefined && isWhole(shape)) known['weightCount'] = family.weightCount(known, shape);
    return constraints.every((constraint) => constraintHolds(constraint, known));
  };
}

/** Whether every part of a shape is known. */
export function isWhole(shape: Partial<ModelShape>): shape is ModelShape {
  const { windowLength, channelCount, classCount } = shape;
  return windowLength !== undefined && channelCount !== undefined && classCount !== undefined;
}
