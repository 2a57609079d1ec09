/** The words that have one meaning each, as GraphQL enums. */
import {
  ACTIONS,
  CHECK_STATUSES,
  CURVE_LABELS,
  type Action,
  type CheckStatus,
  type CurveLabel,
} from '@kinetune/search';
import {
  CONFIGURATION_SORT_KEYS,
  LAUNCH_DECISIONS,
  ROUND_DECISIONS,
  STUDY_SORT_KEYS,
  TRIAL_SORT_KEYS,
} from '@kinetune/storage';
import { DIRECTIONS, KINDS, PHASES, SCALES, STUDY_STATES, TRIAL_STATES } from '@kinetune/study';
import { EXISTING_STUDY_RULES } from '../studies/create-studies.ts';
import { builder } from './builder.ts';

interface EnumValue<T extends string> {
  readonly value: T;
  readonly description: string;
}

/** `not-known` in GraphQL is `NOT_KNOWN`. Each word has its description. */
export function valuesOf<const T extends string>(
  words: readonly T[],
  descriptions: Readonly<Record<T, string>>,
): Record<string, EnumValue<T>> {
  return Object.fromEntries(
    words.map((word) => [
      word
        .replaceAll('-', '_')
        .replace(/[a-z][A-Z]/g, (two) => `${two[0]}_${two[1]}`)
        .toUpperCase(),
      { value: word, description: descriptions[word] },
    ]),
  );
}

export const StudyStateEnum = builder.enumType('StudyState', {
  description: 'Whether trials of a study are started.',
  values: valuesOf(STUDY_STATES, {
    RUNNING: 'Trials are started as slots become free.',
    PAUSED: 'None is started until it is resumed; those that run go on.',
    COMPLETED: 'The budget is spent; a larger one makes it run again.',
    CANCELLED: 'Ended by a person; what was measured is kept.',
  }),
});
export const TrialStateEnum = builder.enumType('TrialState', {
  description: 'Where a trial is between being proposed and its end.',
  values: valuesOf(TRIAL_STATES, {
    QUEUED: 'Waits for a slot.',
    RUNNING: 'Trains.',
    COMPLETED: 'Trained to its end.',
    PRUNED: 'Stopped since others were better at the same point.',
    INFEASIBLE: 'A result: it diverged, cannot be built, or ran out of memory twice.',
    FAILED: 'The fault of the machine, as often as is retried.',
    CANCELLED: 'Ended by a person.',
  }),
});
export const PhaseEnum = builder.enumType('Phase', {
  description: 'What a study searches for.',
  values: valuesOf(PHASES, {
    explore: 'Insight: quasi-random search.',
    exploit: 'The best value.',
  }),
});
export const DirectionEnum = builder.enumType('Direction', {
  description: 'Which values of a metric are better.',
  values: valuesOf(DIRECTIONS, { maximise: 'Larger ones.', minimise: 'Smaller ones.' }),
});
export const KindEnum = builder.enumType('HyperparameterKind', {
  description: 'What a hyperparameter does to training.',
  values: valuesOf(KINDS, {
    optimizer: 'How weights follow gradients: learning rate, betas.',
    regulariser: 'Holds the model back: dropout, weight decay.',
    architecture: 'The form of the model.',
    augmentation: 'Changes the windows that are trained on.',
    schedule: 'How the learning rate changes over the training.',
    initialisation: 'Weights before the first step.',
    batch: 'Examples a step.',
    steps: 'The length of the training.',
  }),
});
export const RoleEnum = builder.enumType('HyperparameterRole', {
  description: 'What a hyperparameter is for in one study.',
  values: valuesOf(['scientific', 'nuisance'], {
    scientific: 'Its effect is the question.',
    nuisance: 'Tuned so that the comparison is fair.',
  }),
});
export const DomainTypeEnum = builder.enumType('DomainType', {
  description: 'What values a hyperparameter may take.',
  values: valuesOf(['float', 'int', 'categorical'], {
    float: 'Real numbers of an interval.',
    int: 'Whole numbers of an interval.',
    categorical: 'One of a list.',
  }),
});
export const ExistingStudyRuleEnum = builder.enumType('ExistingStudyRule', {
  description: 'What to do where a study has the name already.',
  values: valuesOf(EXISTING_STUDY_RULES, {
    refuse: 'Refuse: it is in the way.',
    continue:
      'As `kinetune train` does: go on with it where it is the same study, extend it, or start `name.2` beside it.',
    'start-afresh': 'Start `name.2` beside it in any case.',
  }),
});
export const ScaleEnum = builder.enumType('Scale', {
  description: 'In which scale an interval is even.',
  values: valuesOf(SCALES, { linear: 'Equal differences.', log: 'Equal ratios.' }),
});
export const TrialSortKeyEnum = builder.enumType('TrialSortKey', {
  description: 'What trials are sorted by; those without it come last.',
  values: valuesOf(TRIAL_SORT_KEYS, {
    number: 'The order in which they were proposed.',
    bestValue: 'The objective at the best step.',
    weightCount: 'Trainable weights.',
    startedAt: 'When the present or last attempt began.',
    finishedAt: 'When it ended.',
    hyperparameter: 'A hyperparameter of its configuration: numbers by size, choices as text.',
  }),
});
export const StudySortKeyEnum = builder.enumType('StudySortKey', {
  description: 'What studies are sorted by.',
  values: valuesOf(STUDY_SORT_KEYS, {
    createdAt: 'When it was made.',
    updatedAt: 'When anything of it last changed.',
    name: 'Its name.',
  }),
});
export const ConfigurationSortKeyEnum = builder.enumType('ConfigurationSortKey', {
  description: 'What configurations are sorted by; those without it come last.',
  values: valuesOf(CONFIGURATION_SORT_KEYS, {
    number: 'The order in which they were proposed.',
    objective: 'The mean of its trials.',
    createdAt: 'When it was proposed.',
  }),
});
export const RoundDecisionEnum = builder.enumType('RoundDecision', {
  description: 'What came of a round.',
  values: valuesOf(ROUND_DECISIONS, {
    adopted: 'A better configuration took the place of the one in use.',
    rejected: 'A candidate was not better enough.',
    'nothing-to-adopt': 'An insight alone.',
  }),
});
export const LaunchDecisionEnum = builder.enumType('LaunchDecision', {
  description: 'Whether a candidate took the place of the configuration in use.',
  values: valuesOf(LAUNCH_DECISIONS, { adopted: 'It did.', rejected: 'It did not.' }),
});
export const EvaluationSplitEnum = builder.enumType('EvaluationSplit', {
  description: 'Which people were held out.',
  values: valuesOf(['validation', 'test'], {
    validation: 'Those that trials are compared on.',
    test: 'Those that are looked at once, with a reason.',
  }),
});
export const CheckStatusEnum = builder.enumType('CheckStatus', {
  description: 'How far a check lets one believe a result.',
  values: valuesOf(CHECK_STATUSES, {
    pass: 'Go on.',
    caution: 'Read with care.',
    fail: 'A conclusion would be wrong.',
    'not-known': 'The evidence is missing.',
  } satisfies Record<CheckStatus, string>),
});
export const CurveLabelEnum = builder.enumType('CurveLabel', {
  description: "What a trial's curves can be found to show.",
  values: valuesOf(CURVE_LABELS, {
    'rising-train-loss': 'The training loss rises.',
    collapsed: 'One class is predicted for everything.',
    'spikes-early': 'The loss jumps during warm-up or soon after.',
    'spikes-late': 'The loss jumps after it had settled.',
    periodic: 'The loss goes up and down with the epochs.',
    overfitting: 'The validation loss rises while the training loss falls.',
    'late-noise': 'Validation swings from epoch to epoch at the end.',
    'still-improving': 'It was ended while it got better.',
    saturated: 'It was as good as it gets long before its end.',
  } satisfies Record<CurveLabel, string>),
});
export const ActionEnum = builder.enumType('NextAction', {
  description: 'What to do next.',
  values: valuesOf(ACTIONS, {
    'add-trials': 'Sample more points of the same space.',
    'widen-space': 'Move an end of the space outwards.',
    'narrow-space': 'Leave out what is never good.',
    exploit: 'Go on to the search for the best value.',
    replicate: 'Train again with other seeds.',
    equalise: 'Give the compared values the same chances.',
    stabilise: 'Mend unstable training first.',
    'look-for-bug': 'This looks like a mistake in code or data.',
    'change-space': 'Search other hyperparameters or other choices.',
    'train-longer': 'Use more steps.',
    'train-shorter': 'Use fewer steps.',
    'evaluate-more-often': 'Measure validation at more steps.',
    regularise: 'Hold the model back more.',
    're-tune': 'Tune again what depends on the change.',
    probe: 'Run a few trials to find out.',
    'warm-up': 'Let the learning rate rise at the beginning.',
    'clip-gradients': 'Bound the norm of gradients.',
    'change-optimizer': 'Use another optimizer.',
    'change-architecture': 'Use another form of the model.',
    'lower-learning-rate': 'Take smaller steps.',
    'reduce-noise': 'Make validation less noisy.',
    adopt: 'Use the candidate.',
    keep: 'Keep what is in use.',
  } satisfies Record<Action, string>),
});
