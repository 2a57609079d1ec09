/** Which studies a command asks for. */
import { parseName } from '@kinetune/study';
import type { BenchmarkFunction } from './benchmark-function.ts';
import { isRival, type Contender, type Setting, type StudySpec } from './study-spec.ts';

export const FAMILIES = ['quasi', 'tpe', 'gp', 'auto'] as const;
export type Family = (typeof FAMILIES)[number];

/** Ours and those it is measured against; Sobol with twice the trials is everybody's yard-stick. */
export const CONTENDERS_OF: Readonly<Record<Family, readonly Contender[]>> = {
  quasi: ['halton', 'sobol', 'random', 'optuna-sobol', 'optuna-random'],
  tpe: ['tpe', 'optuna-tpe', 'optuna-published-tpe', 'optuna-sobol'],
  gp: ['gp', 'optuna-gp', 'optuna-sobol'],
  auto: ['auto', 'optuna-tpe', 'optuna-gp', 'optuna-sobol'],
};

const BUDGETS = [50, 100, 200, 500, 1000];
/** They look at no result, so that parallelism, noise and infeasible trials change nothing about them. */
const QUASI: readonly Contender[] = CONTENDERS_OF.quasi;
export const YARD_STICK = 'optuna-sobol';

export interface Plan {
  readonly functions: readonly BenchmarkFunction[];
  readonly contenders: readonly Contender[];
  readonly settings: readonly Setting[];
  readonly seeds: readonly number[];
  readonly rivalSeeds: readonly number[];
  readonly budget: number;
}

/** The numbers of trials at which results are compared: 50 and 100 up to the budget, and the budget itself. */
export function checkpointsOf(budget: number): number[] {
  return [...BUDGETS.filter((trials) => trials < budget), budget];
}

/** The cheap ones first, and all seeds of a function together. */
export function plannedStudies({ functions, contenders, settings, seeds, rivalSeeds, budget }: Plan): StudySpec[] {
  const plain: Setting = { atOnce: 1, noise: false, infeasible: false };
  const studies = contenders.flatMap((contender) =>
    (QUASI.includes(contender) ? [plain] : settings).flatMap((setting) =>
      functions
        .filter(({ space }) => !(isGp(contender) && space.hyperparameters.some(({ name }) => isConditional(name))))
        .flatMap((subject) =>
          (isRival(contender) ? rivalSeeds : seeds).map((seed) => ({
            contender,
            function: subject.name,
            ...setting,
            seed,
            budget: contender === YARD_STICK ? 2 * budget : budget,
          })),
        ),
    ),
  );
  const cost = ({ contender, atOnce }: StudySpec): number =>
    (isGp(contender) || contender === 'auto' ? 2 : 0) + (isRival(contender) ? 1 : 0) + atOnce / 100;
  return studies.sort((a, b) => cost(a) - cost(b));
}

/** A GP knows no branches: Optuna's would sample them independently of everything. */
const isGp = (contender: Contender): boolean => contender === 'gp' || contender === 'optuna-gp';

const isConditional = (name: string): boolean => parseName(name).conditions.length > 0;
