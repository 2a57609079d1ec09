/**
 * Optuna's spaces are programs: which parameters a trial has follows from choices that its code made. Which choice it was can only
 * be told from the trials: a parameter is taken to exist under some values of a choice where it was set with exactly those.
 */
import type { HyperparameterValue } from '@kinetune/study';

/** A trial's values by parameter. */
export interface SeenTrial {
  readonly values: ReadonlyMap<string, HyperparameterValue>;
  /** It ran to its end: what it lacks does not exist in its branch, and was not just about to come. */
  readonly isWhole: boolean;
}

export interface Branches {
  /** The choice that decides whether a parameter exists; absent for one that exists always, or that nothing explains. */
  readonly parents: ReadonlyMap<string, string>;
  /** Parameters that some whole trials lack although no choice tells when. */
  readonly unexplained: readonly string[];
}

/** @param choices the categorical parameters. */
export function findBranches(
  trials: readonly SeenTrial[],
  { names, choices }: { readonly names: readonly string[]; readonly choices: readonly string[] },
): Branches {
  const whole = trials.some(({ isWhole }) => isWhole) ? trials.filter(({ isWhole }) => isWhole) : trials;
  const having = new Map(names.map((name) => [name, trials.filter(({ values }) => values.has(name))]));
  const parents = new Map<string, string>();
  const unexplained: string[] = [];
  for (const name of names) {
    const present = having.get(name) ?? [];
    const absent = whole.filter(({ values }) => !values.has(name));
    if (absent.length === 0) continue;
    const candidates = choices
      .filter((choice) => choice !== name && decides(choice, present, absent))
      .map((choice) => ({ choice, trials: having.get(choice)?.length ?? 0 }))
      // A parent exists in more trials than its child, so no two are each other's.
      .filter((candidate) => candidate.trials > present.length)
      .sort((a, b) => a.trials - b.trials);
    const [nearest] = candidates;
    if (nearest === undefined) unexplained.push(name);
    else parents.set(name, nearest.choice);
  }
  return { parents, unexplained };
}

function decides(choice: string, present: readonly SeenTrial[], absent: readonly SeenTrial[]): boolean {
  const under = new Set(present.map(({ values }) => values.get(choice)));
  if (under.has(undefined)) return false;
  // A branch is named by its choice, and these two are the signs of such names.
  if ([...under].some((value) => /^$|[/=]/.test(String(value)))) return false;
  return absent.every(({ values }) => !values.has(choice) || !under.has(values.get(choice)));
}
