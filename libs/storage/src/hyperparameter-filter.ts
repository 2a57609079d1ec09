/** Narrowing configurations by their values. */
import type { HyperparameterValue } from '@kinetune/study';
import { or, sql, type SQL } from 'drizzle-orm';
import { configurations } from './schema/index.ts';

export interface HyperparameterFilter {
  /** Full name; a configuration without the hyperparameter does not match. */
  readonly name: string;
  /** Both ends included. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly HyperparameterValue[];
}

/** The value as jsonb, of a row of `configurations`; SQL's null where the configuration lacks the hyperparameter. */
export function hyperparameterValue(name: string): SQL {
  return sql`(${configurations.values} -> ${name}::text)`;
}

/** Conditions on the rows of `configurations`. */
export function matchesHyperparameters(filters: readonly HyperparameterFilter[]): readonly (SQL | undefined)[] {
  return filters.flatMap(({ name, minimum, maximum, anyOf }) => {
    const value = hyperparameterValue(name);
    const number = sql`case when jsonb_typeof(${value}) = 'number' then ${value}::text::double precision end`;
    return [
      sql`${value} is not null`,
      minimum === undefined ? undefined : sql`${number} >= ${minimum}::double precision`,
      maximum === undefined ? undefined : sql`${number} <= ${maximum}::double precision`,
      anyOf === undefined
        ? undefined
        : anyOf.length === 0
          ? sql`false`
          : or(...anyOf.map((one) => sql`${value} = ${JSON.stringify(one)}::jsonb`)),
    ];
  });
}
