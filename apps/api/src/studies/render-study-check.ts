/** A resolved study as lines for people: what is searched, what is held and why. */
import type { StudyCheck } from './check-study.ts';
import { count, formatPercent, formatValue } from '../terminal/format.ts';
import type { Styles } from '../terminal/styles.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { CATALOGUE_DEFAULT } from './resolve-space.ts';
import { showDomain } from './study-changes.ts';

export function renderStudyCheck(
  { study, sampler, draws, roles, scales }: StudyCheck,
  { width, styles }: { readonly width: number; readonly styles: Styles },
): string[] {
  const stated = study.space.fixed.filter(({ reason }) => reason !== CATALOGUE_DEFAULT);
  const defaults = study.space.fixed.filter(({ reason }) => reason === CATALOGUE_DEFAULT);
  const { data, objective, budget } = study;
  return [
    ...wrapText(`${styles.bold(study.name)}: ${study.goal}`, width),
    ...(study.trainer.kind === 'command'
      ? wrapText(`trained by ${study.trainer.command.join(' ')}, which measures ${metricNames(study)}`, width)
      : []),
    ...(study.trainer.kind === 'ask'
      ? wrapText(`trained by whoever asks for its trials, which measures ${metricNames(study)}`, width)
      : []),
    data === null
      ? `${study.model} on data of its own`
      : `${study.model} on ${data.dataset}, windows of ${data.window.length} every ${data.window.step} samples, split ${data.split.kind}`,
    `${objective.metric}, to be ${objective.direction}d, in ${count(budget.trials, 'trial')}, seed ${study.seed}`,
    ...wrapText(`sampler ${study.sampler.kind}: ${sampler.reason}`, width),
    ...planLines(study).flatMap((line) => wrapText(line, width)),
    '',
    styles.bold('Searched'),
    ...renderTable(
      [{ title: 'hyperparameter' }, { title: 'kind' }, { title: 'role' }, { title: 'domain' }],
      study.space.hyperparameters.map(({ name, kind, role, domain }) => [name, kind, role, showDomain(domain)]),
      { width, title: styles.dim },
    ),
    ...drawLines(study, draws).flatMap((line) => wrapText(line, width, { first: '  ', rest: '    ' })),
    '',
    styles.bold('Held'),
    ...(stated.length === 0
      ? ['  nothing stated']
      : stated.flatMap(({ name, value, reason }) =>
          wrapText(`${name} = ${formatValue(value)}: ${reason}`, width, { first: '  ', rest: '    ' }),
        )),
    ...(defaults.length === 0
      ? []
      : [
          '',
          styles.bold(`${count(defaults.length, 'catalogue default')}, not stated`),
          ...wrapText(
            defaults.map(({ name, value }) => `${name} ${value === '' ? '""' : formatValue(value)}`).join(', '),
            width,
            { first: '  ', rest: '  ' },
          ),
        ]),
    ...(roles.verdict === 'fine' && scales.status === 'pass'
      ? []
      : [
          '',
          styles.bold('Advice'),
          ...adviceLines(roles, scales).flatMap((line) => wrapText(line, width, { first: '  ', rest: '    ' })),
        ]),
  ];
}

function metricNames({ metrics }: StudyCheck['study']): string {
  return metrics.map(({ name }) => name).join(', ');
}

/** Trials of a configuration, the second phase, and what it starts with, where they are not the usual ones. */
function planLines({ replicates, folds, exploit, from, studyGroup }: StudyCheck['study']): string[] {
  const shownFolds = folds === 'all' ? 'each person as a fold' : folds === null ? '' : `folds ${folds.join(', ')}`;
  return [
    ...(replicates === 1 && folds === null
      ? []
      : [`each configuration: ${[count(replicates, 'seed'), shownFolds].filter((part) => part !== '').join(' on ')}`]),
    ...(exploit === null
      ? []
      : [
          `then exploit: ${count(exploit.trials, 'configuration')} in a refined space, sampler ${exploit.sampler.kind}, pruner ${exploit.pruner.kind}`,
        ]),
    ...(from === null ? [] : [`starts with the results of ${from}`]),
    ...(studyGroup === null
      ? []
      : [`of the group ${studyGroup.name}: ${studyGroup.hyperparameter} = ${formatValue(studyGroup.value)}`]),
  ];
}

function drawLines({ space }: StudyCheck['study'], draws: StudyCheck['draws']): string[] {
  const { draws: total, accepted, unbuildable, reasons, suggestedConstraint, undecided } = draws;
  const constraints = space.constraints ?? [];
  return [
    ...constraints.map((text) => `constraint ${text}`),
    ...(constraints.length === 0
      ? []
      : [`${formatPercent(accepted / total)} of ${total} draws satisfy the constraints`]),
    ...(undecided.length === 0
      ? []
      : [
          `${undecided.join(', ')} will be known once the data are read; until then constraints on it are taken to hold`,
        ]),
    ...(unbuildable === null || unbuildable === 0
      ? []
      : [
          `${formatPercent(unbuildable / accepted)} of them cannot be built: ${reasons.join('; ')}`,
          ...(suggestedConstraint === null ? [] : [`leave them out with constraints: ['${suggestedConstraint}']`]),
        ]),
  ];
}

export function adviceLines(roles: StudyCheck['roles'], scales: StudyCheck['scales']): string[] {
  const { problems, interactions } = roles.numbers;
  return [
    ...problems.map(({ reason }) => reason),
    ...interactions.map(({ fixed, scientific, why }) => `fixed ${fixed} interacts with ${scientific}: ${why}`),
    ...scales.numbers.filter(({ isProblem }) => isProblem).map(({ text }) => text),
  ];
}
