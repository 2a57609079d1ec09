/**
 * What a short round tells a longer one, hyperparameter by hyperparameter (Deep Learning Tuning Playbook, "Deciding how long to train when
 * training is compute-bound", Round 2; practice 89b): warm-up length and initialisation very likely, architecture likely, optimizer,
 * augmentation and regularisation perhaps, the learning rate's schedule hardly.
 */
import { parseName, type Direction, type Domain, type HyperparameterValue, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { NextStep } from './check.ts';
import { rankTrials } from './rank-trials.ts';
import type { RefinedSpace } from './refined-space.ts';
import { showList } from './wording.ts';

export const TRANSFER_CHANCES = ['very-likely', 'likely', 'perhaps', 'unlikely'] as const;
export type TransferChance = (typeof TRANSFER_CHANCES)[number];

/** keep: hold the best value. narrow: search the range of the good trials. re-tune: search the whole range again. */
export const TRANSFER_ACTIONS = ['keep', 'narrow', 're-tune'] as const;
export type TransferAction = (typeof TRANSFER_ACTIONS)[number];

export interface TransferRow {
  readonly name: string;
  readonly chance: TransferChance;
  readonly action: TransferAction;
  /** To hold; null for one that is searched, or where no trial has a value. */
  readonly value: HyperparameterValue | null;
  /** To search; null for one that is held. */
  readonly domain: Domain | null;
}

export interface TransferTable {
  readonly rows: readonly TransferRow[];
  readonly next: NextStep | null;
}

export interface TransferOptions {
  readonly direction: Direction;
  /** Of the short round: where it is ready its ranges are taken, else the explored ones. */
  readonly refined: RefinedSpace;
  /** Of each trial of the longer round. */
  readonly trainingSteps: number;
}

export function transferTable(
  space: Space,
  trials: readonly AnalysedTrial[],
  { direction, refined, trainingSteps }: TransferOptions,
): TransferTable {
  const best = rankTrials(trials, direction)[0];
  const narrowed = new Map(refined.numbers.ranges.map(({ name, after }) => [name, after]));
  const rows = space.hyperparameters.map(({ name, kind, domain }): TransferRow => {
    const chance = chanceOf(name, kind);
    const value = best?.values[name] ?? null;
    const after = narrowed.get(name) ?? null;
    if ((chance === 'very-likely' || (chance === 'likely' && after === null)) && value !== null)
      return { name, chance, action: 'keep', value, domain: null };
    if (chance !== 'unlikely' && after !== null) return { name, chance, action: 'narrow', value: null, domain: after };
    return { name, chance, action: 're-tune', value: null, domain };
  });
  const searched = rows.filter(({ domain }) => domain !== null);
  const held = rows.filter(({ value }) => value !== null);
  const next: NextStep | null =
    best === undefined
      ? null
      : {
          action: 're-tune',
          text: `train for ${trainingSteps} steps: ${held.length === 0 ? '' : `keep ${showList(held.map(({ name }) => name))}, `}search ${showList(searched.map(({ name }) => name)) || 'nothing'}`,
          domains: Object.fromEntries(searched.map(({ name, domain }) => [name, domain as Domain])),
          fixed: Object.fromEntries(held.map(({ name, value }) => [name, value as HyperparameterValue])),
          trainingSteps,
        };
  return { rows, next };
}

function chanceOf(name: string, kind: Space['hyperparameters'][number]['kind']): TransferChance {
  const { leaf } = parseName(name);
  if (leaf === 'warmupEpochs' || leaf === 'warmupSteps' || kind === 'initialisation') return 'very-likely';
  if (kind === 'architecture') return 'likely';
  // The peak rate belongs to the schedule here, whatever its kind: it is tuned with the decay.
  return kind === 'schedule' || leaf === 'learningRate' ? 'unlikely' : 'perhaps';
}
