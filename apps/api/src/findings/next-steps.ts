/** Commands to go on with after a study. */
import { shownCommand } from '../command-line/shown-command.ts';
import type { Findings } from './findings.ts';

/**
 * @param trainWords the words after `train` that name the study and its data, without those that choose how much of it is
 *   run; undefined where only the database is known.
 */
export function nextSteps(
  { study }: Omit<Findings, 'notEstablished' | 'next'>,
  trainWords: readonly string[] | undefined,
): Findings['next'] {
  const show = { what: 'these findings again', command: shownCommand(['study', 'show', study.name]) };
  if (trainWords === undefined) return [show];
  const train = (...more: readonly string[]): string => shownCommand(['train', ...trainWords, ...more]);
  const isOpen = study.state !== 'COMPLETED';
  return [
    isOpen
      ? { what: 'go on', command: train() }
      : { what: 'more trials of the same study', command: train('--trials', String(study.budgetTrials * 2)) },
    ...(study.isControl || !study.isBuiltIn
      ? []
      : [{ what: 'a control that must not learn', command: train('--shuffle-labels') }]),
    show,
  ];
}
