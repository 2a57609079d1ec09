/** How the study was set up: what can be said of its space and budget, and of how its trials may end. */
import { parseName, type Space } from '@kinetune/study';
import type { AnalysedTrial } from './analysed-trial.ts';
import type { CheckStatus, NextStep } from './check.ts';
import { roleCheck, type RoleCheck } from './default-role.ts';
import { optimizerCoverage, OPTIMIZER_HYPERPARAMETERS, type OptimizerCoverage } from './optimizer-coverage.ts';
import { pruningAdvice, type PruningAdvice } from './pruning-advice.ts';
import type { ReportInput } from './report-input.ts';
import { samplerAdvice, type SamplerAdvice } from './sampler-advice.ts';
import { scaleAdvice, type ScaleAdvice } from './scale-advice.ts';
import { scheduleAdvice, type ScheduleAdvice } from './schedule-advice.ts';
import { tradeOff, type TradeOff } from './study-trade-off.ts';

export interface DesignChecks {
  readonly roles: RoleCheck;
  readonly tradeOff: TradeOff;
  readonly scales: ScaleAdvice;
  readonly schedule: ScheduleAdvice;
  /** One for each optimizer that the study uses and the Playbook knows. */
  readonly optimizers: readonly OptimizerCoverage[];
  readonly sampler: SamplerAdvice;
  readonly pruning: PruningAdvice;
}

/** A check's line in a report. */
export interface ReportedCheck {
  readonly title: string;
  readonly verdict: string;
  readonly status: CheckStatus;
  readonly reason: string;
  readonly trials: readonly number[];
  readonly next: NextStep | null;
}

export function designChecks({ study, trials, durations = [], replay, thresholds = {} }: ReportInput): DesignChecks {
  const { space, phase, pruner, hasEarlyStopping, parallelism = 1, defaults = {} } = study;
  // What a finished study holds is its budget; failed and cancelled trials gave nothing.
  const trialCount = trials.filter(isSpent).length;
  const shared = tradeOff(space, { trialCount, durations, parallelism, thresholds: thresholds.budgetMeter ?? {} });
  const { trialsPerValue } = shared.numbers;
  return {
    roles: roleCheck(space),
    tradeOff: shared,
    scales: scaleAdvice(space, { trialCount, thresholds: thresholds.scales ?? {} }),
    schedule: scheduleAdvice(space, { defaults }),
    optimizers: optimizersOf(space, defaults).map((optimizer) =>
      optimizerCoverage(space, { optimizer, trialsPerValue, thresholds: thresholds.adamBudget ?? {} }),
    ),
    sampler: samplerAdvice(space, { phase, trialCount, parallelism, thresholds: thresholds.sampler ?? {} }),
    pruning: pruningAdvice(trials, {
      phase,
      ...(pruner === undefined ? {} : { pruner }),
      ...(hasEarlyStopping === undefined ? {} : { hasEarlyStopping }),
      ...(replay === undefined ? {} : { replay }),
    }),
  };
}

/** In the order in which a person sets a study up. */
export function designLines(design: DesignChecks): readonly ReportedCheck[] {
  return [
    { title: 'roles', ...design.roles },
    { title: 'values, ranges and density', ...design.tradeOff },
    { title: 'scales', ...design.scales },
    ...design.optimizers.map((one) => ({ title: `hyperparameters of ${one.numbers.optimizer}`, ...one })),
    { title: 'learning-rate schedule', ...design.schedule },
    { title: 'sampler', ...design.sampler },
    { title: 'pruning', ...design.pruning },
  ];
}

function isSpent({ state }: AnalysedTrial): boolean {
  return state === 'COMPLETED' || state === 'PRUNED' || state === 'INFEASIBLE';
}

function optimizersOf(
  { hyperparameters, fixed }: Space,
  defaults: Readonly<Record<string, unknown>>,
): readonly string[] {
  const isOptimizer = ({ name }: { readonly name: string }): boolean => parseName(name).leaf === 'optimizer';
  const stated = [
    ...hyperparameters
      .filter(isOptimizer)
      .flatMap(({ domain }) => (domain.type === 'categorical' ? domain.choices : [])),
    ...fixed.filter(isOptimizer).map(({ value }) => value),
  ];
  const used = stated.length > 0 ? stated : [defaults['optimizer']];
  return [...new Set(used.map(String))].filter((name) => Object.hasOwn(OPTIMIZER_HYPERPARAMETERS, name));
}
