/** One frame of the live display: a bar for each running trial, and the study's line under them. */
import { estimateRemainingMs, type RunView, type TrialView } from './run-view.ts';
import { count, formatDuration, formatLoss, formatPercent } from './format.ts';
import type { Styles } from './styles.ts';
import { padEnd, textWidth, truncateText } from './text-width.ts';

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly styles: Styles;
  readonly hasUnicode: boolean;
}

/** Lines that fit into `columns` and `rows`; none wraps. */
export function renderRunFrame(view: RunView, options: FrameOptions): string[] {
  // The last column stays free: some terminals wrap when it is written.
  const width = Math.max(10, options.columns - 1);
  const trials = [...view.running.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const room = Math.max(1, options.rows - 3);
  const shown = trials.length > room ? trials.slice(0, room - 1) : trials;
  const nameWidth = Math.max(9, ...shown.map(({ name }) => `trial ${name}`.length));
  const lines = shown.map((trial) => trialLine(trial, { ...options, width, nameWidth, score: view.score }));
  if (shown.length < trials.length)
    lines.push(options.styles.dim(`… and ${trials.length - shown.length} more running`));
  lines.push(...studyLines(view, width, options));
  return lines.map((line) => truncateText(line, width));
}

interface LineOptions extends FrameOptions {
  readonly width: number;
  readonly nameWidth: number;
  /** See `RunView`. */
  readonly score: string;
}

function trialLine(trial: TrialView, { width, nameWidth, score, styles, hasUnicode }: LineOptions): string {
  const name = padEnd(`trial ${trial.name}`, nameWidth);
  const share = trial.totalEpochs === undefined ? 0 : Math.min(1, trial.epoch / trial.totalEpochs);
  const epochs =
    trial.totalEpochs === undefined
      ? `epoch ${Math.floor(trial.epoch)}`
      : `epoch ${String(Math.floor(trial.epoch)).padStart(String(trial.totalEpochs).length)}/${trial.totalEpochs}`;
  const parts = [
    `${epochs} ${String(Math.floor(share * 100)).padStart(3)} %`,
    `loss ${formatLoss(trial.loss)}`,
    score === 'validationAccuracy'
      ? `accuracy ${trial.score === undefined ? '-' : formatPercent(trial.score)}`
      : `${score} ${formatLoss(trial.score)}`,
  ];
  // What a narrow terminal has no room for is left out from the right, the bar first of all.
  for (let kept = parts.length; kept > 0; kept--) {
    const text = parts.slice(0, kept).join('  ');
    const left = width - textWidth(name) - textWidth(text) - 2;
    if (left >= 5) return `${name} ${bar(share, Math.min(30, left), { styles, hasUnicode })} ${text}`;
    if (textWidth(name) + 1 + textWidth(text) <= width) return `${name} ${text}`;
  }
  return `${name} ${parts[0]}`;
}

function bar(
  share: number,
  width: number,
  { styles, hasUnicode }: Pick<FrameOptions, 'styles' | 'hasUnicode'>,
): string {
  const filled = Math.round(share * width);
  const [full, empty] = hasUnicode ? (['━', '─'] as const) : (['#', '-'] as const);
  return styles.accent(full.repeat(filled)) + styles.dim(empty.repeat(width - filled));
}

function studyLines(view: RunView, width: number, { nowMs, styles }: FrameOptions): string[] {
  const remaining = estimateRemainingMs(view, nowMs);
  const counts = [
    `${view.done}/${count(view.total, 'trial')}`,
    ...(view.pruned > 0 ? [`${view.pruned} pruned`] : []),
    ...(view.infeasible > 0 ? [styles.warning(`${view.infeasible} infeasible`)] : []),
    ...(view.failed > 0 ? [styles.bad(`${view.failed} failed`)] : []),
  ].join(', ');
  const time = view.isStopping
    ? styles.warning('stopping (Ctrl-C again ends at once)')
    : remaining === undefined
      ? ''
      : `about ${formatDuration(remaining)} left`;
  const best =
    view.best === undefined
      ? ''
      : `best ${view.objective.metric} ${styles.bold(formatLoss(view.best.value))} (trial ${view.best.trial})` +
        (view.baseline === undefined ? '' : `, ${view.baseline.name} ${formatLoss(view.baseline.value)}`);
  const one = [styles.bold(view.study), counts, best, time].filter((part) => part !== '').join('  ');
  if (textWidth(one) <= width) return [one];
  return [
    [styles.bold(view.study), counts, time].filter((part) => part !== '').join('  '),
    ...(best === '' ? [] : [best]),
  ];
}
