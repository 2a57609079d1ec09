/** Reads what a study's report is made of from the database; libs/search judges it. */
import { roundReport, type RoundReport } from '@kinetune/search';
import { listTrialResults, samplerEngines, type Database, type Study, type TrialResult } from '@kinetune/storage';
import { diagnoseLeft } from '../agent/diagnose-trial.ts';
import { readRecords, type TrialRecord } from '../agent/read-records.ts';
import { analysedConfigurations, type AnalysedConfiguration } from './analysed-configurations.ts';
import { curveTrials, measuredTrial, reportInput, type MeasuredTrial } from './report-input.ts';

export interface ReportOptions {
  /** Number of the trial whose configuration is in use, for the adoption card. */
  readonly baseline?: number | undefined;
  /** What was read of the study already. */
  readonly evidence?: StudyEvidence;
}

/** A study's trials, what they make of its configurations, and who proposed them. */
export interface StudyEvidence {
  readonly trials: readonly TrialResult[];
  readonly configurations: readonly AnalysedConfiguration[];
  readonly engines: readonly string[];
}

export async function readEvidence(db: Database, study: Study): Promise<StudyEvidence> {
  // Trials that ended under an older version, or without us, were not looked at yet.
  await diagnoseLeft(db, study, { stop: new AbortController().signal });
  return readDiagnosedEvidence(db, study);
}

/** The same, but for diagnoses that are missing. */
export async function readDiagnosedEvidence(db: Database, study: Study): Promise<StudyEvidence> {
  const trials = await listTrialResults(db, study.id);
  const configurations = analysedConfigurations(trials, study.space);
  return { trials, configurations, engines: await samplerEngines(db, study.id) };
}

export async function gatherReport(
  db: Database,
  study: Study,
  { baseline, evidence }: ReportOptions = {},
): Promise<RoundReport> {
  const { configurations, engines } = evidence ?? (await readEvidence(db, study));
  const measured = await readMeasured(db, study, curveTrials(study, configurations));
  return roundReport(reportInput(study, { configurations, engines, measured, baseline }));
}

/** Whole curves and evaluations of trials, in their order. */
export async function readMeasured(
  db: Database,
  study: Study,
  trials: readonly TrialResult[],
): Promise<readonly MeasuredTrial[]> {
  const records = await readRecords(db, study, trials);
  return trials.map((trial, index) => measuredTrial(trial, records[index] as TrialRecord));
}
