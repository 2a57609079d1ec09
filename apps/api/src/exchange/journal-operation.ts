/** Operations of an Optuna journal: `JournalOperation` of Optuna 5 and the fields that each has. */
import { z } from 'zod';
import { parseMoment } from './moment.ts';
import { parseDistribution, type OptunaDistribution } from './optuna-distribution.ts';
import { OPTUNA_DIRECTIONS, OPTUNA_STATES } from './optuna-source.ts';

/** A number that may be infinite, which zod's own refuses. */
const number = z.custom<number>((value) => typeof value === 'number' && !Number.isNaN(value), 'expected a number');
const id = z.int().min(0);
const state = id
  .max(OPTUNA_STATES.length - 1)
  .transform((index) => OPTUNA_STATES[index] as (typeof OPTUNA_STATES)[number]);
const direction = id
  .max(OPTUNA_DIRECTIONS.length - 1)
  .transform((index) => OPTUNA_DIRECTIONS[index] as (typeof OPTUNA_DIRECTIONS)[number]);
const moment = z.string().transform((text, context) => {
  const found = parseMoment(text);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: `expected a moment, got ${text}` });
  return z.NEVER;
});
const distribution = z.string().transform((text, context): OptunaDistribution => {
  const found = parseDistribution(text);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: `expected a distribution, got ${text.slice(0, 60)}` });
  return z.NEVER;
});
const attributes = z.record(z.string(), z.unknown());
const values = z.array(number).nullish();
const step = z.int().min(0);

export const journalOperation = z.discriminatedUnion('op_code', [
  z.object({ op_code: z.literal(0), study_name: z.string(), directions: z.array(direction).min(1) }),
  z.object({ op_code: z.literal(1), study_id: id }),
  z.object({ op_code: z.literal(2), study_id: id, user_attr: attributes }),
  z.object({ op_code: z.literal(3), study_id: id, system_attr: attributes }),
  z.object({
    op_code: z.literal(4),
    study_id: id,
    state: state.optional(),
    value: number.nullish(),
    values,
    datetime_start: moment.nullable(),
    datetime_complete: moment.nullish(),
    distributions: z.record(z.string(), distribution).default({}),
    params: z.record(z.string(), number).default({}),
    user_attrs: attributes.default({}),
    system_attrs: attributes.default({}),
    intermediate_values: z.record(z.string().regex(/^\d+$/).transform(Number), number.nullable()).default({}),
  }),
  z.object({ op_code: z.literal(5), trial_id: id, param_name: z.string(), param_value_internal: number, distribution }),
  z.object({
    op_code: z.literal(6),
    trial_id: id,
    state,
    values,
    datetime_start: moment.nullish(),
    datetime_complete: moment.nullish(),
  }),
  z.object({ op_code: z.literal(7), trial_id: id, step, intermediate_value: number.nullable() }),
  z.object({ op_code: z.literal(8), trial_id: id, user_attr: attributes }),
  z.object({ op_code: z.literal(9), trial_id: id, system_attr: attributes }),
  // Written by another program than Optuna, which passes it over.
  z.object({ op_code: z.literal(10) }),
]);
export type JournalOperation = z.infer<typeof journalOperation>;
