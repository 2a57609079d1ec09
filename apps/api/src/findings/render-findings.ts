/** Findings as lines for a terminal. */
import type { CheckStatus, Region } from '@kinetune/search';
import type { HyperparameterValue } from '@kinetune/study';
import { shownCommand } from '../command-line/shown-command.ts';
import { count, formatCount, formatDuration, formatLoss, formatPercent, formatValue } from '../terminal/format.ts';
import { renderLossChart } from '../terminal/loss-chart.ts';
import type { Styles } from '../terminal/styles.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import type { Findings, FoundShare } from './findings.ts';
import { proposalCommand } from './proposal-command.ts';

export interface RenderOptions {
  readonly width: number;
  readonly styles: Styles;
  readonly hasUnicode: boolean;
}

/** Lines of at most `width` columns. */
export function renderFindings(findings: Findings, options: RenderOptions): string[] {
  const { styles, width } = options;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', styles.bold(title), ...lines];
  const { study, trials, data } = findings;
  const marks = [
    ...(study.isControl ? ['CONTROL: permuted labels'] : []),
    ...(data?.isSynthetic === true ? ['SYNTHETIC DATA'] : []),
    ...(data?.isLeaking === true ? ['LEAKING SPLIT'] : []),
  ];
  const counts = [
    `${trials.COMPLETED} completed`,
    ...(trials.INFEASIBLE > 0 ? [`${trials.INFEASIBLE} infeasible`] : []),
    ...(trials.PRUNED > 0 ? [`${trials.PRUNED} pruned`] : []),
    ...(trials.FAILED > 0 ? [`${trials.FAILED} failed`] : []),
    ...(trials.QUEUED + trials.RUNNING > 0 ? [`${trials.QUEUED + trials.RUNNING} to go on`] : []),
  ].join(', ');
  return [
    `${styles.bold(study.name)}: ${study.goal}${marks.length === 0 ? '' : ` ${styles.warning(`[${marks.join('; ')}]`)}`}`,
    `${study.model}, ${count(study.budgetTrials, 'trial')}${secondPhase(study.secondPhase)}: ${counts}; ${study.sampler}, seed ${study.seed}`,
    ...(data === null ? [] : dataLines(data)),
  ]
    .flatMap((line) => wrapText(line, width))
    .concat(
      section('Control', controlLines(findings, options)),
      section(
        study.isControl ? 'Trials, at their last epoch' : `Best trials by ${study.objective.metric}`,
        bestTable(findings, options),
      ),
      section('Baselines on the same people', baselineTable(findings, options)),
      section('Loss of the best trial', chart(findings, options)),
      section('Regions explored and regions of high values', regionTable(findings, options)),
      section('Before believing it', answerLines(findings, options)),
      section('Weakest in the best trial (correct of validation windows)', weakestLines(findings, options)),
      section('Infeasible or failed', troubleLines(findings, options)),
      section(
        'Not established',
        findings.notEstablished.flatMap((text) => wrapText(text, width, { first: '  - ', rest: '    ' })),
      ),
      section(
        'Next',
        findings.next.map(
          ({ what, command }) =>
            `  ${command.padEnd(Math.max(...findings.next.map((step) => step.command.length)))}   ${styles.dim(what)}`,
        ),
      ),
    );
}

function secondPhase(phase: Findings['study']['secondPhase']): string {
  if (phase === null) return '';
  const state = phase.hasBegun ? '' : ' not begun';
  return ` and ${phase.trials} of a second phase${state}`;
}

function dataLines(data: NonNullable<Findings['data']>): string[] {
  const { people, windows, labels, name } = data;
  const counted = (['train', 'validation', 'test'] as const).map(
    (part) =>
      `${people[part].length} ${part} (${formatCount(data.classCounts[part].reduce((sum, n) => sum + n, 0))} windows)`,
  );
  return [
    `${name}: ${formatCount(windows)} windows of ${data.windowLength} samples at ${formatValue(data.sampleRateHz)} Hz, ${labels.length} classes; people: ${counted.join(', ')}`,
    ...data.audit,
    ...data.splitNotes.map((note) => `Note on the split: ${note}`),
    ...data.importNotes.map(({ message, count: times }) => `Note on the import (${formatCount(times)}): ${message}`),
  ];
}

function controlLines({ control }: Findings, { width, styles }: RenderOptions): string[] {
  if (control === null) return [];
  const { meanAccuracy, majorityAccuracy, trials, isPassed } = control;
  const verdict = isPassed ? styles.good('passed') : styles.bad('FAILED');
  const meaning = isPassed
    ? 'with permuted labels the model learns nothing, as it must'
    : 'a model that was told nonsense scores too well: labels reach it by another way than the windows';
  return wrapText(
    `${verdict}: accuracy ${formatPercent(meanAccuracy)} at the last epoch, mean of ${count(trials, 'trial')}; majority class ${formatPercent(majorityAccuracy)}; at most 3 points above are allowed. ${capital(meaning)}.`,
    width,
    { first: '  ', rest: '  ' },
  );
}

function bestTable({ best, study }: Findings, { width, styles }: RenderOptions): string[] {
  if (best.length === 0) return ['  no trial has completed'];
  const names = [...new Set(best.flatMap(({ configuration }) => Object.keys(configuration)))];
  const lines = renderTable(
    [
      { title: 'trial', align: 'right' },
      { title: shortMetric(study.objective.metric), align: 'right' },
      ...shownMetrics(study).map(({ title }) => ({ title, align: 'right' as const })),
      { title: 'best epoch', align: 'right' },
      { title: 'weights', align: 'right' },
      { title: 'time', align: 'right' },
    ],
    best.map((trial) => [
      String(trial.trial),
      trial.values.length > 1 ? `${formatLoss(trial.value)} (${trial.values.length})` : formatLoss(trial.value),
      ...shownMetrics(study).map(({ name, format }) => format(trial.metrics[name])),
      trial.bestEpoch === null ? '-' : `${formatValue(trial.bestEpoch)}/${trial.totalEpochs ?? '?'}`,
      trial.weightCount === null ? '-' : formatCount(trial.weightCount),
      formatDuration(trial.durationMs),
    ]),
    { width, title: styles.dim },
  );
  const configurations = best.map(
    ({ trial, configuration }) =>
      `${trial}: ${names
        .filter((name) => configuration[name] !== undefined)
        .map((name) => `${name} ${formatValue(configuration[name] as HyperparameterValue)}`)
        .join(', ')}`,
  );
  return [...lines, ...configurations.flatMap((text) => wrapText(text, width, { first: '  ', rest: '     ' }))];
}

/** What is told of a trial beside the objective: accuracy and loss where they are measured, else the first two metrics. */
function shownMetrics({ metrics, objective }: Findings['study']): readonly ShownMetric[] {
  const usual: readonly ShownMetric[] = [
    { name: 'validationAccuracy', title: 'accuracy', format: formatPercent },
    { name: 'validationLoss', title: 'val. loss', format: formatLoss },
  ];
  const measured = usual.filter(({ name }) => metrics.includes(name));
  if (measured.length > 0) return measured;
  const others = metrics.filter((name) => name !== objective.metric).slice(0, 2);
  return others.map((name) => ({ name, title: shortMetric(name), format: formatLoss }));
}

interface ShownMetric {
  readonly name: string;
  readonly title: string;
  readonly format: (value: number | null | undefined) => string;
}

function baselineTable({ baselines, best, study }: Findings, { width, styles }: RenderOptions): string[] {
  if (baselines.length === 0) return [];
  const rows = baselines.map(({ name, accuracy, macroF1 }) => [name, formatPercent(accuracy), formatLoss(macroF1)]);
  const first = best[0];
  if (first !== undefined) {
    rows.push([
      `${study.model}, trial ${first.trial} (best of ${best.length === 1 ? '1' : 'all'})`,
      formatPercent(first.metrics.validationAccuracy),
      formatLoss(first.metrics.validationMacroF1),
    ]);
  }
  return renderTable(
    [{ title: '' }, { title: 'accuracy', align: 'right' }, { title: 'macro-F1', align: 'right' }],
    rows,
    { width, title: styles.dim },
  );
}

function chart({ curve, best }: Findings, { width, hasUnicode }: RenderOptions): string[] {
  if (curve === null || (curve.trainLoss.length === 0 && curve.validationLoss.length === 0)) return [];
  const points = (values: readonly (number | null)[]) =>
    curve.epochs.map((epoch, index) => ({ epoch, value: values[index] ?? null }));
  return renderLossChart(
    {
      train: points(curve.trainLoss),
      validation: points(curve.validationLoss),
      bestEpoch: best[0]?.bestEpoch ?? undefined,
    },
    { width, hasUnicode },
  );
}

function regionTable({ hyperparameters, trials }: Findings, { width, styles }: RenderOptions): string[] {
  if (trials.COMPLETED === 0) return [];
  const top = Math.max(...hyperparameters.map(({ region }) => region.topTrials.length));
  return [
    ...renderTable(
      [
        { title: 'hyperparameter' },
        { title: 'role' },
        { title: 'range' },
        { title: 'explored (middle 80 %)' },
        { title: `high (top ${top})` },
        { title: 'trials', align: 'right' },
      ],
      hyperparameters.map(({ name, role, domain, region }) => [
        name,
        role,
        domain,
        spanOf(region, 'explored'),
        spanOf(region, 'high'),
        String(region.trials),
      ]),
      { width, title: styles.dim },
    ),
    ...wrapText(
      "Where many trials lie is the sampler's doing, not an effect; high values are the range of the top trials, all else varying too.",
      width,
      { first: '  ', rest: '  ' },
    ).map(styles.dim),
  ];
}

function spanOf(region: Region, column: 'explored' | 'high'): string {
  const values = region[column];
  if (values === null || values.length === 0) return '-';
  if (region.type === 'categorical') return values.map(formatValue).join(' | ');
  const [low, high] = values as readonly [number, number];
  return low === high ? formatValue(low) : `${formatValue(low)} to ${formatValue(high)}`;
}

const STATUS_WORDS: Readonly<Record<CheckStatus, string>> = {
  pass: 'yes',
  caution: 'with care',
  fail: 'NO',
  'not-known': 'not known',
};
/** What is well is told briefly. */
const MOST_REASONS = { pass: 1, other: 3 } as const;

function answerLines({ answers, proposals, study }: Findings, { width, styles }: RenderOptions): string[] {
  if (answers.length === 0) return [];
  const paint: Readonly<Record<CheckStatus, (text: string) => string>> = {
    pass: styles.good,
    caution: styles.warning,
    fail: styles.bad,
    'not-known': styles.dim,
  };
  const isLocked = answers.some(({ isLocking }) => isLocking);
  const ends = [
    ...(isLocked ? ['No conclusion yet: the questions above that are not answered "yes" are open.'] : []),
    ...proposals.slice(0, 3).map((step) => {
      const command = proposalCommand(step, study);
      return `Proposed: ${step.text}${command === undefined ? '' : `: ${command}`}`;
    }),
    `The whole of it: ${shownCommand(['report', study.name])}`,
  ];
  return [
    ...answers.flatMap(({ question, status, reasons, override }) => {
      const word = override === null ? STATUS_WORDS[status] : `overridden (${override})`;
      const most = status === 'pass' ? MOST_REASONS.pass : MOST_REASONS.other;
      const more = reasons.length > most ? `; and ${reasons.length - most} more` : '';
      const text = `${question} ${word}: ${reasons.slice(0, most).join('; ')}${more}`;
      const [head, ...rest] = wrapText(text, width, { first: '  ', rest: '    ' });
      return [(head ?? '').replace(`? ${word}`, `? ${paint[status](word)}`), ...rest];
    }),
    ...ends.flatMap((text) => wrapText(text, width, { first: '  ', rest: '    ' })).map(styles.dim),
  ];
}

function weakestLines({ classes, people }: Findings, { width }: RenderOptions): string[] {
  const weakest = (shares: readonly FoundShare[]): string =>
    shares
      .filter((share) => share.count > 0)
      .sort((a, b) => a.correct / a.count - b.correct / b.count)
      .slice(0, 3)
      .map(({ name, correct, count: of }) => `${name} ${formatPercent(correct / of)} of ${formatCount(of)}`)
      .join(', ');
  return [
    ...(classes.length === 0 ? [] : [`classes: ${weakest(classes)}`]),
    ...(people.length === 0 ? [] : [`people: ${weakest(people)}`]),
  ].flatMap((text) => wrapText(text, width, { first: '  ', rest: '    ' }));
}

function troubleLines({ infeasible, failed }: Findings, { width, styles }: RenderOptions): string[] {
  return [
    ...infeasible.map(({ trial, code, reason }) => `trial ${trial} is infeasible (${code}): ${reason}`),
    ...failed.map(({ trial, reason }) => styles.bad(`trial ${trial} failed: ${reason}`)),
  ].flatMap((text) => wrapText(text, width, { first: '  ', rest: '    ' }));
}

function shortMetric(metric: string): string {
  return metric.replace(/^validation(.)/, (_, letter: string) => letter.toLowerCase()).replace('macroF1', 'macro-F1');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
