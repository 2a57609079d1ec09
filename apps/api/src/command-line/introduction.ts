import type { Study } from '@kinetune/storage';
import { foldsOf, trialsPerConfiguration } from '../agent/search-plan.ts';
import type { PreparedData } from '../studies/prepare-data.ts';
import { count, formatPercent } from '../terminal/format.ts';

export interface IntroductionOptions {
  readonly data: PreparedData | undefined;
  readonly finished: number;
  readonly total: number;
  readonly slotCount: number;
}

/** What a study is about to do, before its first trial. */
export function introduction(study: Study, { data, finished, total, slotCount }: IntroductionOptions): string {
  const folds = foldsOf(study).length;
  const each = trialsPerConfiguration(study);
  const siblings = [
    ...(study.replicates > 1 ? [count(study.replicates, 'seed')] : []),
    ...(folds > 1 ? [count(folds, 'fold')] : []),
  ];
  return [
    `${study.name}: ${study.goal}`,
    ...(data === undefined ? ['data: its trainer brings its own'] : dataLines(data)),
    `${finished === 0 ? '' : `continuing after ${finished} of `}${count(total, 'trial')} of ${study.model}${each === 1 ? '' : ` (${siblings.join(' on ')} for each configuration)`}, ${slotCount} at a time, each on one thread`,
  ].join('\n');
}

function dataLines({ summary, baselines }: PreparedData): readonly string[] {
  const { train, validation, test } = summary.people;
  const people = `${train.length} train, ${validation.length} validation, ${test.length} test (not looked at)`;
  const scores = baselines.map(({ name, accuracy }) => `${name} ${formatPercent(accuracy)}`).join(', ');
  return [
    `data: ${summary.name}${summary.isSynthetic ? ' (SYNTHETIC)' : ''}; people: ${people}`,
    ...summary.audit,
    `baselines on the validation people: ${scores} accuracy`,
  ];
}
