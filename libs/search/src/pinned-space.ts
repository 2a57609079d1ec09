import type { Hyperparameter, Space, Values } from '@kinetune/study';

/** The space in which the given hyperparameters have their one value; each keeps its place, and with it its coordinate. */
export function pinnedSpace(space: Space, given: Values): Space {
  const pin = (hyperparameter: Hyperparameter): Hyperparameter => {
    const value = given[hyperparameter.name];
    return value === undefined
      ? hyperparameter
      : { ...hyperparameter, domain: { type: 'categorical', choices: [value] } };
  };
  return { ...space, hyperparameters: space.hyperparameters.map(pin) };
}
