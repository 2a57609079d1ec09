/** The space of a study whose trainer is a command: no catalogue knows its hyperparameters, so the file says what they are. */
import { modelFamilies, trainingHyperparameters } from '@kinetune/models/catalogue';
import { defaultRole, roleCheck } from '@kinetune/search';
import {
  didYouMean,
  parseConstraint,
  parseName,
  type Domain,
  type FixedHyperparameter,
  type Hyperparameter,
  type Kind,
  type Space,
  type StudyFile,
} from '@kinetune/study';
import type { Refuse } from './refusal.ts';

/** What constraints may name beside hyperparameters, where the study has data. */
const OF_THE_DATA = ['windowLength', 'channelCount', 'classCount'] as const;

/**
 * A kind that is not stated is that of the catalogue's hyperparameter of the name, else `optimizer`: rules of thumb then take a
 * number as nuisance and a choice of words as scientific, and know of no interaction.
 * @throws by `refuse` for roles and constraints that cannot be.
 */
export function resolveOwnSpace(studyFile: StudyFile, refuse: Refuse): Space {
  const hyperparameters = Object.entries(studyFile.space).map(([name, { kind, role, ...rest }]): Hyperparameter => {
    const domain = withoutUndefined(rest) as unknown as Domain;
    const itsKind = kind ?? usualKind(name);
    const isChoice = domain.type === 'categorical' && domain.choices.some((one) => typeof one !== 'number');
    const usual = defaultRole(itsKind, { isChoice });
    return { name, kind: itsKind, role: role ?? (usual === 'fixed' ? 'scientific' : usual), domain };
  });
  const fixed = Object.entries(studyFile.fixed).map(([name, { value, reason, kind }]): FixedHyperparameter => ({
    name,
    kind: kind ?? usualKind(name),
    value,
    reason,
  }));
  const { constraints } = studyFile;
  const known = [
    ...[...hyperparameters, ...fixed].map(({ name }) => parseName(name).leaf),
    ...(studyFile.data === undefined ? [] : OF_THE_DATA),
  ];
  for (const text of constraints) checkConstraint(text, known, refuse);
  const space: Space = { version: 1, hyperparameters, fixed, ...(constraints.length === 0 ? {} : { constraints }) };
  const refused = roleCheck(space).numbers.problems.find(({ severity }) => severity === 'refused');
  if (refused !== undefined)
    refuse('role-refused', `space.${refused.name}: ${refused.reason}`, ['space', refused.name]);
  return space;
}

function checkConstraint(text: string, known: readonly string[], refuse: Refuse): void {
  const unknown = parseConstraint(text).names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const why =
    unknown === 'weightCount'
      ? ' Only the built-in trainer counts weights before it trains.'
      : didYouMean(unknown, known);
  refuse(
    'unknown-hyperparameter',
    `constraints: \`${text}\` names ${unknown}; expected one of ${known.join(', ')}.${why}`,
    ['constraints'],
  );
}

const KNOWN_KINDS: ReadonlyMap<string, Kind> = new Map(
  [...modelFamilies.flatMap(({ hyperparameters }) => hyperparameters), ...trainingHyperparameters].map(
    ({ name, kind }) => [name, kind],
  ),
);

function usualKind(name: string): Kind {
  return KNOWN_KINDS.get(parseName(name).leaf) ?? 'optimizer';
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
