/**
 * How the choices of scientific hyperparameters follow each other: a balanced design, not chance, so that every choice gets as many
 * trials as any other, and every combination of choices too.
 *
 * Factor f of k choices, those before it with a joint period P, at index i:
 *
 *   choice(i) = (i + floor((i mod P k) / lcm(P, k))) mod k
 *
 * Every aligned block of k indexes has each choice once: after any number of trials the counts differ by at most one. Every
 * aligned block of P k has each combination once: within lcm(P, k) indexes i runs through the pairs (i mod P, i mod k) that agree
 * modulo gcd(P, k), and the shift brings the others. The first factor of two choices and the second of three: by the Chinese
 * remainder theorem no shift is needed.
 *
 * A factor in a branch counts the trials of its branch, floor(i / k of its parent), and is balanced among them. The parents
 * of a scientific hyperparameter are factors themselves, whatever their role: without them it would not exist.
 */
import {
  createRng,
  isActive,
  parseName,
  permutation,
  type CategoricalDomain,
  type HyperparameterValue,
  type Space,
  type Values,
} from '@kinetune/study';

/** Combinations that a design counts out; what would make them more is spread by the sequence instead. */
const LARGEST_DESIGN = 4096;

interface Factor {
  readonly name: string;
  /** In an order that the seed decides. */
  readonly choices: readonly HyperparameterValue[];
}

export interface ScientificDesign {
  /** The values of the factors, parents before children, at index i modulo the design's length. */
  readonly strata: readonly Values[];
  /** Whether the hyperparameter is one of those it decides on. */
  decides(name: string): boolean;
}

/** The design of the space's scientific choices that are not given already; one empty stratum when there are none. */
export function scientificDesign(space: Space, seed: number, given: Values): ScientificDesign {
  const factors = factorsOf(space, seed, given);
  const length = factors.reduce((product, { choices }) => product * choices.length, 1);
  const names = new Set(factors.map(({ name }) => name));
  const known: Record<string, HyperparameterValue> = {};
  for (const { name, value } of space.fixed) known[name] = value;
  Object.assign(known, given);
  const layout: Layout = { factors, names, known };
  return {
    strata: Array.from({ length }, (_, index) => stratumAt(layout, index)),
    decides: (name) => names.has(name),
  };
}

function factorsOf(space: Space, seed: number, given: Values): readonly Factor[] {
  const wanted = new Set<string>();
  for (const { name, role } of space.hyperparameters) {
    if (role !== 'scientific') continue;
    wanted.add(name);
    for (const { parent } of parseName(name).conditions) wanted.add(parent);
  }
  const depth = (name: string): number => parseName(name).conditions.length;
  const factors: Factor[] = [];
  let length = 1;
  for (const { name, domain } of space.hyperparameters.toSorted((a, b) => depth(a.name) - depth(b.name))) {
    if (!wanted.has(name) || Object.hasOwn(given, name) || domain.type !== 'categorical') continue;
    if (length * domain.choices.length > LARGEST_DESIGN) continue;
    length *= domain.choices.length;
    factors.push({ name, choices: shuffled(domain, createRng('scientific', seed, name)) });
  }
  return factors;
}

function shuffled({ choices }: CategoricalDomain, rng: Parameters<typeof permutation>[1]): HyperparameterValue[] {
  return Array.from(permutation(choices.length, rng), (i) => choices[i] as HyperparameterValue);
}

interface Layout {
  readonly factors: readonly Factor[];
  readonly names: ReadonlySet<string>;
  /** Fixed and given values. */
  readonly known: Values;
}

function stratumAt(layout: Layout, index: number): Values {
  const chosen: Record<string, HyperparameterValue> = {};
  let period = 1;
  /** Decides the factors that exist by virtue of `parent` alone (null: by no other factor), then those in their branches. */
  const decide = (parent: string | null, local: number, outerPeriod: number): void => {
    period = outerPeriod;
    const here = layout.factors.filter(({ name }) => {
      const conditions = parseName(name).conditions.filter((condition) => layout.names.has(condition.parent));
      return (conditions.at(-1)?.parent ?? null) === parent && isActive(name, { ...layout.known, ...chosen });
    });
    for (const { name, choices } of here) {
      const k = choices.length;
      const shift = Math.floor((local % (period * k)) / leastCommonMultiple(period, k));
      chosen[name] = choices[(local + shift) % k] as HyperparameterValue;
      period *= k;
    }
    for (const { name, choices } of here) {
      // What is left of the period within the branch: of k choices one.
      decide(name, Math.floor(local / choices.length), period / choices.length);
      period *= choices.length;
    }
  };
  decide(null, index, 1);
  return chosen;
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}
