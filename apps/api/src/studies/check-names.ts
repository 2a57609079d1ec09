/** Names in a study file that only the parts of the product know: metrics, and thresholds of the analysis. */
import { REPORT_THRESHOLDS } from '@kinetune/search';
import { didYouMean, type Direction, type Metric, type PrunerSettings, type StudyFile } from '@kinetune/study';
import type { Refuse } from './refusal.ts';

/** Thresholds that a study file may change, by check. */
const THRESHOLDS: Readonly<Record<string, Readonly<Record<string, number>>>> = REPORT_THRESHOLDS;

/** Of a study's declared metrics: the objective, and what early stopping and pruners look at: measured, and in the direction that is better. */
export function checkMetrics(
  { objective, earlyStopping, pruner, exploit }: StudyFile,
  metrics: readonly Metric[],
  refuse: Refuse,
): void {
  const check = (field: string, name: string, key: string, among: readonly Metric[]): Metric => {
    const found = among.find((metric) => metric.name === name);
    if (found !== undefined) return found;
    const names = among.map((metric) => metric.name);
    return refuse(
      'unknown-metric',
      `${field}: expected one of ${names.join(', ')}, got ${name}.${didYouMean(name, names)}`,
      [key],
    );
  };
  const checkWatched = (
    field: string,
    watched: { metric: string; direction: Direction },
    key: string,
    among: readonly Metric[],
  ): void => {
    const { direction } = check(`${field}.metric`, watched.metric, key, among);
    if (direction !== watched.direction)
      refuse(
        'wrong-direction',
        `${field}.direction: ${watched.metric} is to be ${direction}d, got ${watched.direction}`,
        [key],
      );
  };
  const validation = metrics.filter(({ split }) => split === 'validation');
  checkWatched('objective', objective, 'objective', validation);
  if (earlyStopping !== undefined) check('earlyStopping.metric', earlyStopping.metric, 'earlyStopping', metrics);
  const watches = (settings: PrunerSettings) => [
    ...('watch' in settings && settings.watch !== undefined ? [settings.watch] : []),
    ...(settings.kind === 'patience' && settings.only?.watch !== undefined ? [settings.only.watch] : []),
  ];
  for (const watch of watches(pruner)) checkWatched('pruner.watch', watch, 'pruner', metrics);
  for (const watch of exploit === undefined ? [] : watches(exploit.pruner))
    checkWatched('exploit.pruner.watch', watch, 'exploit', metrics);
}

export function checkThresholds({ thresholds }: StudyFile, refuse: Refuse): void {
  for (const [check, limits] of Object.entries(thresholds)) {
    const known = Object.hasOwn(THRESHOLDS, check) ? THRESHOLDS[check] : undefined;
    if (known === undefined) {
      const names = Object.keys(THRESHOLDS);
      refuse(
        'unknown-threshold',
        `thresholds: expected a check of ${names.join(', ')}, got ${check}.${didYouMean(check, names)}`,
        ['thresholds', check],
      );
      continue;
    }
    const unknown = Object.keys(limits).find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined)
      refuse(
        'unknown-threshold',
        `thresholds.${check}: expected one of ${Object.keys(known).join(', ')}, got ${unknown}.${didYouMean(unknown, Object.keys(known))}`,
        ['thresholds', check],
      );
  }
}
