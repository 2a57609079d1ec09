/** The command that does what a report proposes. */
import type { NextStep } from '@kinetune/search';
import type { Domain } from '@kinetune/study';
import { shownCommand } from '../command-line/shown-command.ts';
import type { Findings } from './findings.ts';

/** Undefined where no single command does it: most proposals are another study, which a person writes. */
export function proposalCommand(
  { action, domains, trial }: NextStep,
  { name, isTrainable }: Pick<Findings['study'], 'name' | 'isTrainable'>,
): string | undefined {
  if (action === 'exploit') return shownCommand(['study', 'refine', name]);
  if (!isTrainable) return undefined;
  if (action === 'replicate') {
    const which = trial === undefined ? [] : ['--trial', String(trial)];
    return shownCommand(['study', 'replicate', name, ...which]);
  }
  if (action !== 'widen-space' || domains === undefined) return undefined;
  const changes = Object.entries(domains).map(([changed, domain]) => `${changed}=${written(domain)}`);
  return shownCommand(['study', 'widen', name, ...changes.flatMap((change) => ['--hyperparameter', change])]);
}

function written(domain: Domain): string {
  if (domain.type === 'categorical') return domain.choices.join(',');
  // To the last digit: a rounded end would leave out what was searched, or miss the grid.
  return `${domain.minimum}..${domain.maximum}`;
}
