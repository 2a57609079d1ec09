/** The words that have one meaning each, as GraphQL enums. */
import { DIRECTIONS, KINDS, PHASES, SCALES, STUDY_STATES, TRIAL_STATES } from '@kinetune/study';
import { TRIAL_SORT_KEYS } from '@kinetune/storage';
import { EXISTING_STUDY_RULES } from '../studies/create-studies.ts';
import { builder } from './builder.ts';

/** `not-known` in GraphQL is `NOT_KNOWN`. */
function valuesOf<const T extends string>(words: readonly T[]): Record<string, { readonly value: T }> {
  return Object.fromEntries(
    words.map((word) => [
      word
        .replaceAll('-', '_')
        .replace(/[a-z][A-Z]/g, (two) => `${two[0]}_${two[1]}`)
        .toUpperCase(),
      { value: word },
    ]),
  );
}

export const StudyStateEnum = builder.enumType('StudyState', {
  description:
    'RUNNING: trials are started. PAUSED: none is started until it is resumed. COMPLETED: the budget is spent. CANCELLED: ended by a person.',
  values: valuesOf(STUDY_STATES),
});
export const TrialStateEnum = builder.enumType('TrialState', {
  description:
    'INFEASIBLE is a result (diverged, cannot be built, out of memory twice); FAILED is the fault of the machine.',
  values: valuesOf(TRIAL_STATES),
});
export const PhaseEnum = builder.enumType('Phase', {
  description: 'EXPLORE: quasi-random search for insight. EXPLOIT: search for the best value.',
  values: valuesOf(PHASES),
});
export const DirectionEnum = builder.enumType('Direction', { values: valuesOf(DIRECTIONS) });
export const KindEnum = builder.enumType('HyperparameterKind', {
  description: 'What a hyperparameter does to training.',
  values: valuesOf(KINDS),
});
export const RoleEnum = builder.enumType('HyperparameterRole', {
  description: 'SCIENTIFIC: its effect is the question. NUISANCE: tuned so that the comparison is fair.',
  values: valuesOf(['scientific', 'nuisance']),
});
export const DomainTypeEnum = builder.enumType('DomainType', { values: valuesOf(['float', 'int', 'categorical']) });
export const ExistingStudyRuleEnum = builder.enumType('ExistingStudyRule', {
  description:
    'REFUSE: a study of the name is in the way. CONTINUE: as `kinetune train` does, go on with it where it is the same study, extend it, or start `name.2` beside it. START_AFRESH: start `name.2` beside it in any case.',
  values: valuesOf(EXISTING_STUDY_RULES),
});
export const ScaleEnum = builder.enumType('Scale', { values: valuesOf(SCALES) });
export const TrialSortKeyEnum = builder.enumType('TrialSortKey', {
  description: 'What trials are sorted by; those without it come last.',
  values: valuesOf(TRIAL_SORT_KEYS),
});
