import type { Space, Values } from '@kinetune/study';

/** The database does not keep the order of an object's keys; people know a study by the order in its file. */
export function inSpaceOrder(values: Values, { hyperparameters }: Space): Values {
  return Object.fromEntries(
    hyperparameters.flatMap(({ name }) => {
      const value = values[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
