/**
 * A study as the thread that reports are computed on holds it. What has not changed since the last report is not read, sent or grouped
 * anew: of a study of ten thousand trials one that ended is all there is to do before its report is computed again.
 */
import { roundReport, type RoundReport } from '@kinetune/search';
import type { Study, TrialResult } from '@kinetune/storage';
import { invariant } from '@kinetune/study';
import { isDeepStrictEqual } from 'node:util';
import { analysedConfiguration, type AnalysedConfiguration } from './analysed-configurations.ts';
import { curveTrials, reportInput, type MeasuredTrial } from './report-input.ts';

export interface StudyChanges {
  /** As it is now. */
  readonly study: Study;
  readonly engines: readonly string[];
  /** Trials that may have changed, as they are now; all of them the first time. */
  readonly trials: readonly TrialResult[];
}

export interface HeldStudy {
  /** Takes changes in. Gives the trials whose whole curves the next report needs and which are not held, or not as they are now. */
  change(changes: StudyChanges): readonly TrialResult[];
  /** Takes in what `change` asked for. */
  measure(measured: readonly MeasuredTrial[]): void;
  report(): RoundReport;
}

export function holdStudy(): HeldStudy {
  const trialsOf = new Map<number, Map<string, TrialResult>>();
  const analysed = new Map<number, AnalysedConfiguration>();
  let curves = new Map<string, MeasuredTrial>();
  let last: StudyChanges | undefined;
  let configurations: readonly AnalysedConfiguration[] = [];
  let shownTrials: readonly TrialResult[] = [];
  return {
    change(changes) {
      const { study, trials } = changes;
      // Values are shown in the order of the space.
      if (last !== undefined && !isDeepStrictEqual(last.study.space, study.space)) analysed.clear();
      last = changes;
      for (const trial of trials) {
        const group = trialsOf.get(trial.number) ?? new Map<string, TrialResult>();
        trialsOf.set(trial.number, group.set(trial.id, trial));
        analysed.delete(trial.number);
        curves.delete(trial.id);
      }
      configurations = [...trialsOf.keys()]
        .sort((a, b) => a - b)
        .map((number) => {
          const group = [...(trialsOf.get(number)?.values() ?? [])].sort((a, b) => a.replicate - b.replicate);
          const one = analysed.get(number) ?? analysedConfiguration(number, group, study.space);
          analysed.set(number, one);
          return one;
        });
      shownTrials = curveTrials(study, configurations);
      return shownTrials.filter(({ id }) => !curves.has(id));
    },
    measure(measured) {
      for (const one of measured) curves.set(one.trialId, one);
    },
    report() {
      invariant(last !== undefined, 'a study is reported on once its trials are known');
      const { study, engines } = last;
      const shown = shownTrials.flatMap(({ id }) => curves.get(id) ?? []);
      // Those that are among the best no more go: a curve of thousands of measurements takes more room than hundreds of trials.
      curves = new Map(shown.map((one) => [one.trialId, one]));
      return roundReport(reportInput(study, { configurations, engines, measured: shown }));
    },
  };
}
