/** Commands to go on with after a study. */
import type { Findings } from './findings.ts';

export function nextSteps({ study, trials }: Omit<Findings, 'notEstablished' | 'next'>): Findings['next'] {
  const file = study.name.replace(/(-synthetic)?(-shuffled-labels)?(\.\d+)?$/, '');
  const source = file === 'quick-start' ? '' : ` studies/${file}.yaml`;
  const control = study.isControl ? ' --shuffle-labels' : '';
  const open = study.budgetTrials - trials.COMPLETED - trials.PRUNED - trials.INFEASIBLE;
  return [
    open > 0
      ? { what: 'go on', command: `kinetune train${source}${control}` }
      : {
          what: 'more trials of the same study',
          command: `kinetune train${source}${control} --trials ${study.budgetTrials * 2}`,
        },
    { what: 'these findings again', command: `kinetune study show ${study.name}` },
    ...(study.isControl
      ? []
      : [{ what: 'a control that must not learn', command: `kinetune train${source} --shuffle-labels` }]),
  ];
}
