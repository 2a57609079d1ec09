/** Reads a study's report from the database: what its trials and their curves say, judged by libs/search. */
import { rankTrials, roundReport, type RoundReport } from '@kinetune/search';
import { listTrials, type Database, type Study } from '@kinetune/storage';
import { adoptionOf } from './adoption-of.ts';
import { analysedConfigurations } from './analysed-configurations.ts';
import { varianceEvidence } from './variance-evidence.ts';

export interface ReportOptions {
  /** Number of the trial whose configuration is in use, for the adoption card. */
  readonly baseline?: number | undefined;
}

export async function gatherReport(db: Database, study: Study, { baseline }: ReportOptions = {}): Promise<RoundReport> {
  const { space, objective } = study;
  const { direction } = objective;
  const configurations = analysedConfigurations(await listTrials(db, study.id), space);
  const ranked = rankTrials(configurations, direction);
  return roundReport({
    study: {
      name: study.name,
      goal: study.goal,
      phase: study.phase,
      metric: objective.metric,
      direction,
      space,
      sampler: study.sampler.kind,
      isAdaptive: false,
    },
    trials: configurations,
    variance: varianceEvidence(ranked),
    adoption: adoptionOf(ranked, { direction, space, baseline }),
  });
}
