import type { Domain, FixedHyperparameter, Space } from '@kinetune/study';

/** The next version of a space, with these domains in place of its own. Names that it does not have are refused. */
export function changedSpace(
  space: Space,
  domains: Readonly<Record<string, Domain>>,
  fixed: readonly FixedHyperparameter[] = [],
): Space {
  const unknown = Object.keys(domains).find((name) => !space.hyperparameters.some((one) => one.name === name));
  if (unknown !== undefined) throw new RangeError(`expected hyperparameters of the space, got ${unknown}`);
  const held = new Set(fixed.map(({ name }) => name));
  return {
    ...space,
    version: space.version + 1,
    hyperparameters: space.hyperparameters
      .filter(({ name }) => !held.has(name))
      .map((one) => ({ ...one, domain: domains[one.name] ?? one.domain })),
    fixed: [...space.fixed, ...fixed],
  };
}
