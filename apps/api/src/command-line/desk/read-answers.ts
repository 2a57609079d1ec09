/** What an API answers, in the words of this process. */
import { TRIAL_STATES, type Domain, type StudyState, type TrialState } from '@kinetune/study';
import type { ListedStudy, WidenedSpace } from './study-desk.ts';

export interface StudyPage {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly { readonly node: AskedStudy }[];
}

interface AskedStudy {
  readonly name: string;
  readonly state: StudyState;
  readonly archivedAt: string | null;
  readonly goal: string;
  readonly model: string;
  readonly data: { readonly dataset: string } | null;
  readonly budget: number;
  readonly trialCounts: readonly { readonly state: TrialState; readonly count: number }[];
  readonly createdAt: string;
}

export function listedStudy(asked: AskedStudy): ListedStudy {
  const { name, state, archivedAt, goal, model, data, budget, trialCounts, createdAt } = asked;
  const counts = new Map(trialCounts.map((one) => [one.state, one.count]));
  return {
    name,
    state,
    archivedAt: dateOf(archivedAt),
    goal,
    model,
    dataset: data?.dataset ?? null,
    budgetTrials: budget,
    trials: Object.fromEntries(TRIAL_STATES.map((state) => [state, counts.get(state) ?? 0])) as ListedStudy['trials'],
    createdAt: dateOf(createdAt),
  };
}

type AskedDomain =
  | { readonly choices: Extract<Domain, { type: 'categorical' }>['choices'] }
  | {
      readonly isWhole: boolean;
      readonly minimum: number;
      readonly maximum: number;
      readonly scale: string;
      readonly step: number | null;
    };

export interface AskedSpace {
  readonly version: number;
  readonly hyperparameters: readonly { readonly name: string; readonly domain: AskedDomain }[];
}

export function spaceOf({ version, hyperparameters }: AskedSpace): WidenedSpace['space'] {
  return { version, hyperparameters: hyperparameters.map(({ name, domain }) => ({ name, domain: domainOf(domain) })) };
}

function domainOf(asked: AskedDomain): Domain {
  if ('choices' in asked) return { type: 'categorical', choices: asked.choices };
  const { isWhole, minimum, maximum, scale, step } = asked;
  return {
    type: isWhole ? 'int' : 'float',
    minimum,
    maximum,
    scale: scale === 'LOG' ? 'log' : 'linear',
    ...(step === null ? {} : { step }),
  };
}

/** What the API takes for a wider domain. */
export function endsOf(domain: Domain) {
  return domain.type === 'categorical'
    ? { choices: domain.choices }
    : { minimum: domain.minimum, maximum: domain.maximum };
}

export function dateOf(text: string): Date;
export function dateOf(text: string | null): Date | null;
export function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
