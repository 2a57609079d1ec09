/** The command that does what a report proposes. */
import type { NextStep } from '@kinetune/search';
import type { Domain } from '@kinetune/study';
import { shownCommand } from '../command-line/shown-command.ts';

/** Undefined where no single command does it: most proposals are another study, which a person writes. */
export function proposalCommand({ action, domains, trial }: NextStep, study: string): string | undefined {
  switch (action) {
    case 'replicate':
      return shownCommand(['study', 'replicate', study, ...(trial === undefined ? [] : ['--trial', String(trial)])]);
    case 'exploit':
      return shownCommand(['study', 'refine', study]);
    case 'widen-space':
      return domains === undefined
        ? undefined
        : shownCommand([
            'study',
            'widen',
            study,
            ...Object.entries(domains).flatMap(([name, domain]) => ['--hyperparameter', `${name}=${written(domain)}`]),
          ]);
    default:
      return undefined;
  }
}

function written(domain: Domain): string {
  if (domain.type === 'categorical') return domain.choices.join(',');
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  return `${number(domain.minimum)}..${number(domain.maximum)}`;
}
