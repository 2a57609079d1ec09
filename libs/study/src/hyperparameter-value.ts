/** A hyperparameter's value in a file. */
import { z } from 'zod';

export const hyperparameterValue = z.union([z.string(), z.number(), z.boolean()], {
  error: ({ input }) => `expected a text, a number, true or false, got ${JSON.stringify(input)}`,
});
