/** What a study's findings do not show, so that nobody reads it into them. */
import type { Study } from '@kinetune/storage';
import { foldsOf, searchPlan, trialsPerConfiguration } from '../agent/search-plan.ts';
import { count } from '../terminal/format.ts';
import { CATALOGUE_DEFAULT } from '../studies/resolve-space.ts';
import type { Findings } from './findings.ts';

/** Sentences, the gravest first. */
export function notEstablished(found: Omit<Findings, 'notEstablished' | 'next'>, asked: Study): string[] {
  const { space } = asked;
  const { data, trials, study, best } = found;
  const sentences: string[] = [];
  if (study.isControl)
    sentences.push(
      'This is a control: the labels were permuted, so a score above the majority class would be a fault.',
    );
  if (data?.isSynthetic === true)
    sentences.push(
      'The data are synthetic: generated signals, not people. No score here says how a model does on recordings.',
    );
  if (data?.isLeaking === true)
    sentences.push(
      'The split leaks: windows of the same people, overlapping ones too, are on both sides. Scores are inflated; do not report them.',
    );
  const finished = trials.COMPLETED + trials.PRUNED + trials.INFEASIBLE;
  // A finite space may be used up before the budget is.
  if (asked.state !== 'COMPLETED') {
    const planned = searchPlan(asked).endConfiguration * trialsPerConfiguration(asked);
    sentences.push(`${finished} of ${count(planned, 'trial')} have finished: the search is not over.`);
  }
  if (best.length > 0) {
    if (asked.replicates === 1) {
      sentences.push(
        `One seed a configuration: how much of a difference is chance was not measured. The best of ${trials.COMPLETED} is an optimistic figure.`,
      );
    }
    if (data !== null && foldsOf(asked).length === 1) sentences.push(peopleSentence(data));
  }
  const held = space.fixed.filter(({ reason }) => reason !== CATALOGUE_DEFAULT);
  const defaults = space.fixed.length - held.length;
  const names = held.map(({ name, value }) => `${name} = ${value}`).join(', ');
  const unsearched = [
    ...(names === '' ? [] : [names]),
    ...(defaults === 0 ? [] : [count(defaults, 'catalogue default')]),
  ];
  if (unsearched.length > 0) sentences.push(`It holds for ${unsearched.join(' and ')} that were not searched.`);
  return sentences;
}

function peopleSentence({ people, fold, foldCount }: NonNullable<Findings['data']>): string {
  const where = fold === null || foldCount === null ? 'One split' : `One fold (${fold} of 0 to ${foldCount - 1})`;
  return (
    `${where}: ${count(people.validation.length, 'validation person', 'validation people')} (${people.validation.join(', ')}); other people may rank the trials otherwise. ` +
    `The ${count(people.test.length, 'test person', 'test people')} were not looked at.`
  );
}
