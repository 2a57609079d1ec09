/** A study group: studies that differ in one choice, each with the same configurations of the rest. */
import type { ResolvedStudy } from './resolve-study.ts';

/**
 * One study for each choice, named `<name>.<choice>`. The hyperparameter stays in the space with the one choice: it keeps its
 * coordinate of the sequence, and with it every other hyperparameter its own, so configuration i is the same in all.
 */
export function groupMembers(study: ResolvedStudy, hyperparameter: string): readonly ResolvedStudy[] {
  const domain = study.space.hyperparameters.find(({ name }) => name === hyperparameter)?.domain;
  if (domain?.type !== 'categorical') return [study];
  const names = memberNames(study.name, domain.choices);
  return domain.choices.map((value, index) => ({
    ...study,
    name: names[index] as string,
    studyGroup: { name: study.name, hyperparameter, value },
    space: {
      ...study.space,
      hyperparameters: study.space.hyperparameters.map((one) =>
        one.name === hyperparameter ? { ...one, domain: { type: 'categorical', choices: [value] } } : one,
      ),
    },
  }));
}

/** `name.choice` in the letters that a study's name has; numbered where two choices would be written alike or as a number. */
function memberNames(name: string, choices: readonly unknown[]): readonly string[] {
  const words = choices.map((choice) =>
    String(choice)
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, '-')
      .slice(0, 24),
  );
  // `name.2` is the second study of a name.
  const isPlain = new Set(words).size === words.length && !words.some((word) => word === '' || /^\d+$/.test(word));
  return words.map((word, index) => `${name}.${isPlain ? word : `choice-${index + 1}`}`);
}
