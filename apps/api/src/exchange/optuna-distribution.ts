/** Optuna's distributions, read from the JSON that its storages keep. Its deprecated classes are the present ones by other names. */
import { z } from 'zod';
import { parsePythonJson } from './python-json.ts';
import { storable } from './storable.ts';

export type OptunaDistribution =
  | {
      readonly type: 'float' | 'int';
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      /** Null for a continuous one. */
      readonly step: number | null;
    }
  | { readonly type: 'categorical'; readonly choices: readonly unknown[] };

const range = { low: z.number(), high: z.number() };
const whole = { low: z.int(), high: z.int(), step: z.int().positive().default(1) };
const isRange = ({ low, high }: { low: number; high: number }): boolean => low <= high;

/** By class name, as `distribution_to_json` of Optuna 0.x to 5 writes them. */
const CLASSES: Readonly<Record<string, z.ZodType<OptunaDistribution>>> = {
  FloatDistribution: z
    .object({ ...range, log: z.boolean(), step: z.number().positive().nullable() })
    .refine(isRange)
    .transform((one) => ({ type: 'float', ...one })),
  UniformDistribution: z
    .object(range)
    .refine(isRange)
    .transform((one) => ({ type: 'float', log: false, step: null, ...one })),
  LogUniformDistribution: z
    .object(range)
    .refine(isRange)
    .transform((one) => ({ type: 'float', log: true, step: null, ...one })),
  DiscreteUniformDistribution: z
    .object({ ...range, q: z.number().positive() })
    .refine(isRange)
    .transform(({ q, ...one }) => ({ type: 'float', log: false, step: q, ...one })),
  IntDistribution: z
    .object({ ...whole, log: z.boolean() })
    .refine(isRange)
    .transform((one) => ({ type: 'int', ...one })),
  IntUniformDistribution: z
    .object(whole)
    .refine(isRange)
    .transform((one) => ({ type: 'int', log: false, ...one })),
  IntLogUniformDistribution: z
    .object(whole)
    .refine(isRange)
    .transform((one) => ({ type: 'int', log: true, ...one })),
  CategoricalDistribution: z
    .object({ choices: z.array(z.unknown()).min(1) })
    .transform((one) => ({ type: 'categorical', ...one })),
};

const written = z.object({ name: z.string(), attributes: z.record(z.string(), z.unknown()) });

/** Undefined for text that is no distribution. */
export function parseDistribution(text: unknown): OptunaDistribution | undefined {
  if (typeof text !== 'string') return undefined;
  let content: unknown;
  try {
    content = storable(parsePythonJson(text));
  } catch {
    return undefined;
  }
  const outer = written.safeParse(content);
  if (!outer.success || !Object.hasOwn(CLASSES, outer.data.name)) return undefined;
  const found = CLASSES[outer.data.name]?.safeParse(outer.data.attributes);
  if (found?.success !== true) return undefined;
  const { data } = found;
  return data.type !== 'categorical' && data.log && data.low <= 0 ? undefined : data;
}

/** The value that a storage keeps as a number: of a categorical one the index of a choice. Undefined where there is none. */
export function externalValue(distribution: OptunaDistribution, internal: unknown): unknown {
  if (typeof internal !== 'number' || !Number.isFinite(internal)) return undefined;
  if (distribution.type === 'categorical') return distribution.choices[Math.trunc(internal)];
  return distribution.type === 'float' ? internal : Math.trunc(internal);
}

/** Whether Optuna lets a parameter have both in one study: a range may move, a list of choices and a scale may not. */
export function areCompatible(a: OptunaDistribution, b: OptunaDistribution): boolean {
  if (a.type === 'categorical' || b.type === 'categorical')
    return a.type === b.type && JSON.stringify(a) === JSON.stringify(b);
  return a.type === b.type && a.log === b.log;
}
