/**
 * Fixed hyperparameters that are known to interact with a scientific one: holding them still makes the comparison unfair (Deep
 * Learning Tuning Playbook, "Identifying scientific, nuisance, and fixed hyperparameters"; practices 29 and 31).
 */
import { parseName, type Hyperparameter, type HyperparameterValue, type Kind, type Space } from '@kinetune/study';

export interface FixedInteraction {
  readonly scientific: string;
  readonly fixed: string;
  readonly value: HyperparameterValue;
  /** Why the two interact. */
  readonly why: string;
}

interface Rule {
  /** A kind, or leaf names. */
  readonly scientific: readonly Kind[] | { readonly names: readonly string[] };
  readonly fixed: readonly string[];
  readonly why: string;
}

const RATE = ['learningRate'] as const;
const STRENGTHS = ['weightDecay', 'dropout', 'embeddingDropout', 'labelSmoothing'] as const;

/** The Playbook names the first four; the rest follow its remarks on batch size, schedules and regularisation. */
export const INTERACTION_RULES: readonly Rule[] = [
  {
    scientific: ['architecture'],
    fixed: STRENGTHS,
    why: 'how much regularisation is best depends on the model: larger ones need more',
  },
  {
    scientific: ['architecture'],
    fixed: RATE,
    why: 'the best learning rate differs between architectures',
  },
  {
    scientific: { names: ['optimizer'] },
    fixed: [...RATE, 'beta1', 'beta2', 'epsilon', 'momentum', 'weightDecay'],
    why: 'the hyperparameters of one optimizer say nothing about those of another, whatever they are called',
  },
  {
    scientific: ['batch'],
    fixed: [...RATE, 'momentum', 'beta1', 'beta2', ...STRENGTHS],
    why: 'optimizer and regularisation are to be tuned anew for each batch size',
  },
  {
    scientific: ['schedule', 'initialisation'],
    fixed: RATE,
    why: 'the best peak learning rate depends on how it is reached and left',
  },
  {
    scientific: ['regulariser', 'augmentation'],
    fixed: [...STRENGTHS, ...RATE],
    why: 'regularisers replace each other, and a small learning rate regularises too',
  },
  {
    scientific: ['steps'],
    fixed: RATE,
    why: 'a longer training may need another learning rate and more regularisation',
  },
  {
    scientific: { names: ['learningRate'] },
    fixed: ['warmupEpochs', 'schedule'],
    why: 'warm-up and decay bound the rates that train',
  },
];

/** In the order of the space's scientific hyperparameters, then of its fixed ones. */
export function fixedInteractions(space: Space): readonly FixedInteraction[] {
  return space.hyperparameters
    .filter(({ role }) => role === 'scientific')
    .flatMap((scientific) =>
      space.fixed.flatMap(({ name, value }): readonly FixedInteraction[] => {
        const { leaf } = parseName(name);
        const rule = INTERACTION_RULES.find((one) => isAbout(one, scientific) && one.fixed.includes(leaf));
        return rule === undefined ? [] : [{ scientific: scientific.name, fixed: name, value, why: rule.why }];
      }),
    );
}

function isAbout({ scientific }: Rule, { name, kind }: Hyperparameter): boolean {
  return 'names' in scientific
    ? scientific.names.includes(parseName(name).leaf)
    : scientific.includes(kind) && parseName(name).leaf !== 'optimizer';
}
