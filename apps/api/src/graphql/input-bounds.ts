/** How large an input may be: bounds that hold for every mutation, whatever it means. */
import { Refused } from './refusal.ts';

/** Characters of a text: a study file's, and any other. */
export const MOST_CHARACTERS = { yaml: 256 * 1024, other: 10_000 } as const;
const MOST_DEPTH = 20;
const MOST_VALUES = 100_000;

/** An input whose fields that were sent as null are left out. */
export type Given<Input> = { readonly [Field in keyof Input]: Exclude<Input[Field], null> };

/** The input within bounds; to leave a field out and to send null is the same. @throws Refused */
export function readInput<Input extends object>(input: Input): Given<Input> {
  checkBounds(input);
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as Given<Input>;
}

/**
 * Refuses what no request of ours needs: texts too long, numbers that are not finite (`1e999` is one in a GraphQL document), values
 * nested too deep or too many.
 */
export function checkBounds(input: unknown): void {
  let values = 0;
  const look = (value: unknown, path: readonly string[]): void => {
    if (++values > MOST_VALUES) throw new Refused('input-too-large', `expected at most ${MOST_VALUES} values`, path);
    if (path.length > MOST_DEPTH)
      throw new Refused('input-too-deep', `expected values nested at most ${MOST_DEPTH} deep, got more`, path);
    if (typeof value === 'string') {
      const most = path.at(-1) === 'yaml' ? MOST_CHARACTERS.yaml : MOST_CHARACTERS.other;
      if (value.length > most)
        throw new Refused('text-too-long', `expected at most ${most} characters, got ${value.length}`, path);
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value))
        throw new Refused('number-not-finite', `expected a finite number, got ${value}`, path);
    } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      for (const [key, entry] of Object.entries(value)) look(entry, [...path, key]);
    }
  };
  look(input, []);
}
