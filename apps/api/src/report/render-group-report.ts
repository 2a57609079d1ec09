/** A group's report as Markdown. */
import type { GroupReport } from './group-report.ts';
import { formatLoss, formatValue } from '../terminal/format.ts';

export function renderGroupReport(report: GroupReport): string {
  const { group, goal, hyperparameter, objective, members, fairness, isolation, schedules, variance } = report;
  return [
    `# ${group}`,
    '',
    goal,
    '',
    `${members.length} studies, one for each ${hyperparameter}; ${objective.metric}, to ${objective.direction}. Each has the same configurations of everything else, and the same seeds.`,
    '',
    `## The best of each ${hyperparameter}`,
    '',
    `| ${hyperparameter} | study | best ${objective.metric} | repeated search | trial | completed | infeasible |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...members.map(({ study, value, best, completed, infeasible }, index) => {
      const bar = isolation.points[index]?.bar ?? null;
      const cells = [
        formatValue(value),
        study,
        best === null ? '-' : formatLoss(best.value),
        bar === null ? '-' : `${formatLoss(bar[0])} to ${formatLoss(bar[1])}`,
        best === null ? '-' : String(best.trial),
        String(completed),
        String(infeasible),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    `Fairness: *${fairness.verdict}*. ${fairness.reason}.`,
    ...(schedules === null
      ? []
      : ['', '## The same configuration with and without decay', '', `*${schedules.verdict}*: ${schedules.reason}.`]),
    '',
    '## Would it come out the same again',
    '',
    `*${variance.verdict}*: ${variance.reason}.`,
    '',
    '## What to do next',
    '',
    ...[fairness.next, schedules?.next ?? null, variance.next].flatMap((step) =>
      step === null ? [] : [`- **${step.action}**: ${step.text}`],
    ),
    ...members.map(({ study }) => `- the whole of one: kinetune report ${study}`),
    '',
  ].join('\n');
}
