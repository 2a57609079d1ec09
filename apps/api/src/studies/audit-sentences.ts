/** The leak audit in a few sentences. */
import { auditLeaks, fitScaler, partIndices, type LeakKind, type Split, type Windows } from '@kinetune/data';

const LOOKED_FOR: Readonly<Record<LeakKind, string>> = {
  'shared-people': 'shared people',
  'shared-recordings': 'recordings',
  'shared-samples': 'samples',
  'duplicate-signals': 'duplicate signals',
  scaler: 'what the scaler was fitted on',
};

/** The audit of a split with the scaler that trainers fit; the first sentence is the verdict. */
export function auditSentences(windows: Windows, split: Split): string[] {
  const scaler = fitScaler(windows, partIndices(windows, split).train);
  const { verdict, findings, checks } = auditLeaks(windows, split, scaler);
  const looked = checks.map((check) => LOOKED_FOR[check]).join(', ');
  const fitted = `the scaler was fitted on ${scaler.fittedOn.length} training people`;
  if (verdict === 'clean') return [`leak audit: clean (looked at ${looked}); ${fitted}`];
  return [`leak audit: LEAKING`, ...findings.map(({ message }) => `leak: ${message}`)];
}
