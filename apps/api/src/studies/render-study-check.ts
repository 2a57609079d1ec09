/** A resolved study as lines for people: what is searched, what is held and why. */
import { count, formatValue } from '../terminal/format.ts';
import type { Styles } from '../terminal/styles.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { CATALOGUE_DEFAULT } from './resolve-space.ts';
import type { ResolvedStudy } from './resolve-study.ts';
import { showDomain } from './study-changes.ts';

export function renderStudyCheck(
  file: string,
  study: ResolvedStudy,
  { width, styles }: { readonly width: number; readonly styles: Styles },
): string[] {
  const stated = study.space.fixed.filter(({ reason }) => reason !== CATALOGUE_DEFAULT);
  const defaults = study.space.fixed.filter(({ reason }) => reason === CATALOGUE_DEFAULT);
  const { data, objective, budget } = study;
  return [
    `${file} is a study.`,
    ...wrapText(`${styles.bold(study.name)}: ${study.goal}`, width),
    `${study.model} on ${data.dataset}, windows of ${data.window.length} every ${data.window.step} samples, split ${data.split.kind}`,
    `${objective.metric}, to be ${objective.direction}d, in ${count(budget.trials, 'trial')} by ${study.sampler}, seed ${study.seed}`,
    '',
    styles.bold('Searched'),
    ...renderTable(
      [{ title: 'hyperparameter' }, { title: 'kind' }, { title: 'role' }, { title: 'domain' }],
      study.space.hyperparameters.map(({ name, kind, role, domain }) => [name, kind, role, showDomain(domain)]),
      { width, title: styles.dim },
    ),
    '',
    styles.bold('Held'),
    ...(stated.length === 0
      ? ['  nothing stated']
      : stated.flatMap(({ name, value, reason }) =>
          wrapText(`${name} = ${formatValue(value)}: ${reason}`, width, { first: '  ', rest: '    ' }),
        )),
    '',
    styles.bold(`${count(defaults.length, 'catalogue default')}, not stated`),
    ...wrapText(
      defaults.map(({ name, value }) => `${name} ${value === '' ? '""' : formatValue(value)}`).join(', '),
      width,
      { first: '  ', rest: '  ' },
    ),
  ];
}
