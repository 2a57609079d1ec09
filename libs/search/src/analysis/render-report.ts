/** A round's report as text: Markdown for people, JSON for programs. Functions of the report alone: no clock, no order by chance. */
import type { Answer, Override } from './checklist.ts';
import type { CheckStatus, NextStep } from './check.ts';
import type { Isolation } from './isolation.ts';
import type { Region } from './regions.ts';
import { designLines, type ReportedCheck } from './design-checks.ts';
import { trainingLines } from './training-checks.ts';
import type { RoundReport } from './round-report.ts';
import { showList, showNumber, showShare } from './wording.ts';

/** The report as it is, indented; numbers that JSON does not have become null. */
export function renderReportJson(report: RoundReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

const STATUS_WORDS: Readonly<Record<CheckStatus, string>> = {
  pass: 'yes',
  caution: 'with care',
  fail: 'NO',
  'not-known': 'not known',
};

export function renderReportMarkdown(report: RoundReport): string {
  const { study, counts } = report;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Conclusion', conclusionLines(report)],
    ['Before believing it', report.checklist.answers.flatMap(answerLines)],
    ['What to do next', report.next.map(stepLine)],
    ['Best trials', bestTable(report)],
    ['Which hyperparameters matter', importanceLines(report)],
    ['Each value at its best', report.isolations.flatMap((plot) => isolationLines(plot, report))],
    ['Would it come out the same again', varianceLines(report)],
    ['How training went', checkLines(trainingLines(report.training))],
    ['By another metric', rerankTable(report)],
    ['How the study was set up', checkLines(designLines(report.design))],
    ['Where was searched', [...regionTable(report.regions), '', report.regionsCaveat]],
    ['What it holds for', report.caveats.map((caveat) => `- ${inline(caveat)}`)],
  ];
  const other = counts.other === 0 ? '' : `, ${counts.other} without a result`;
  return [
    `# ${inline(study.name)}`,
    '',
    inline(study.goal),
    '',
    `${study.phase === 'explore' ? 'Exploration' : 'Exploitation'} by ${inline(study.sampler)}; ${study.metric}, to ${study.direction}; space version ${study.spaceVersion}; ${counts.completed} trials completed, ${counts.pruned} pruned, ${counts.infeasible} infeasible${other}.`,
    ...sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines])),
    '',
  ].join('\n');
}

function conclusionLines({ checklist, conclusion, isConclusionWritten }: RoundReport): readonly string[] {
  if (checklist.isLocked) {
    const open = checklist.answers.filter(({ isLocking }) => isLocking).map(({ question }) => `"${question}"`);
    return [
      `**Locked.** ${open.length} of ${checklist.answers.length} questions ${open.length === 1 ? 'is' : 'are'} open: ${open.join(', ')}. Answer ${open.length === 1 ? 'it' : 'them'}, or override with a reason${isConclusionWritten ? '; what was written stays hidden until then' : ''}.`,
    ];
  }
  return [
    conclusion === null ? 'All questions are answered or overridden; no conclusion was written yet.' : conclusion,
  ];
}

function answerLines({ question, status, parts, override, isLocking }: Answer): readonly string[] {
  const mark = override !== null ? 'overridden' : STATUS_WORDS[status];
  return [
    `- **${question}** ${mark}${isLocking ? ' (locks the conclusion)' : ''}`,
    ...parts.map(
      ({ check, verdict, reason, trials }) =>
        `  - ${inline(check)}: *${inline(verdict)}*. ${inline(reason)}${trialList(trials)}`,
    ),
    ...(override === null ? [] : [`  - overridden${overriddenBy(override)}: ${inline(override.reason)}`]),
  ];
}

function overriddenBy({ by, at }: Override): string {
  return `${by === undefined ? '' : ` by ${inline(by)}`}${at === undefined ? '' : ` at ${inline(at)}`}`;
}

function trialList(trials: readonly number[]): string {
  if (trials.length === 0) return '';
  const shown = trials.slice(0, 8).join(', ');
  return ` (trials ${shown}${trials.length > 8 ? ` and ${trials.length - 8} more` : ''})`;
}

function stepLine({ action, text, domains }: NextStep): string {
  const changes = Object.entries(domains ?? {}).map(([name, domain]) =>
    domain.type === 'categorical'
      ? `${name}: ${domain.choices.join(' \\| ')}`
      : `${name}: ${showNumber(domain.minimum)} to ${showNumber(domain.maximum)}${domain.scale === 'log' ? ', log' : ''}`,
  );
  return `- **${action}**: ${inline(text)}${changes.length === 0 ? '' : ` (${changes.join('; ')})`}`;
}

function bestTable({ best, study }: RoundReport): readonly string[] {
  if (best.length === 0) return ['No trial has a value.'];
  const names = [...new Set(best.flatMap(({ values }) => Object.keys(values)))];
  return table(
    ['trial', study.metric, ...names],
    best.map(({ trial, value, values }) => [
      String(trial),
      showNumber(value),
      ...names.map((name) => showValue(values[name])),
    ]),
  );
}

function importanceLines({ importance, interactions }: RoundReport): readonly string[] {
  const { importances, assumptions } = importance.numbers;
  return [
    `*${importance.verdict}*: ${inline(importance.reason)}.`,
    '',
    ...(importance.verdict === 'too-few'
      ? []
      : [
          ...table(
            ['hyperparameter', 'share', 'by chance', 'trials'],
            importances.map(({ name, share, chance, activeTrials }) => [
              name,
              showShare(share),
              showShare(chance),
              String(activeTrials),
            ]),
          ),
          '',
        ]),
    `*${interactions.verdict}*: ${inline(interactions.reason)}.`,
    '',
    ...assumptions.map((assumption) => `- ${assumption}`),
    `- ${interactions.numbers.method}`,
  ];
}

function isolationLines(
  { name, points, branch, interactions }: Isolation,
  { study, fairness }: RoundReport,
): readonly string[] {
  const where =
    branch.length === 0 ? '' : ` (where ${branch.map(({ parent, equals }) => `${parent} = ${equals}`).join(' and ')})`;
  const check = fairness[name];
  return [
    `### ${inline(name)}${inline(where)}`,
    '',
    ...table(
      [name, `best ${study.metric}`, 'bar', 'trial', 'trials', 'infeasible'],
      points.map(({ label, from, to, best, bar, trials, infeasible }) => [
        from === undefined || to === undefined ? showValue(label) : `${showNumber(from)} to ${showNumber(to)}`,
        best === null ? '-' : showNumber(best.value),
        bar === null ? '-' : `${showNumber(bar[0])} to ${showNumber(bar[1])}`,
        best === null ? '-' : String(best.trial),
        String(trials.length),
        String(infeasible),
      ]),
    ),
    '',
    ...(check === undefined ? [] : [`Fairness: *${check.verdict}*. ${inline(check.reason)}.`, '']),
    ...interactions.map(({ fixed, value, why }) => `- ${inline(fixed)} was held at ${inline(String(value))}: ${why}.`),
    ...(interactions.length === 0 ? [] : ['']),
  ];
}

function varianceLines({ variance, adoption }: RoundReport): readonly string[] {
  const lines = [`*${variance.verdict}*: ${inline(variance.reason)}.`];
  return adoption === null ? lines : [...lines, '', `Adoption: *${adoption.verdict}*. ${inline(adoption.reason)}.`];
}

/** What is known, one sentence a check, then the names of what is not; the rest is in the JSON. */
function checkLines(checks: readonly ReportedCheck[]): readonly string[] {
  const unknown = checks.filter(({ status }) => status === 'not-known').map(({ title }) => inline(title));
  return [
    ...checks.filter(({ status }) => status !== 'not-known').map(checkLine),
    ...(unknown.length === 0 ? [] : [`- Not known, for want of evidence: ${showList(unknown)}.`]),
  ];
}

function checkLine({ title, verdict, status, reason, trials, next }: ReportedCheck): string {
  const advice = next === null || status === 'pass' ? '' : `. **${next.action}**: ${inline(next.text)}`;
  return `- ${inline(title)}: *${inline(verdict)}*. ${inline(reason)}${status === 'pass' ? '' : trialList(trials)}${advice}`;
}

function rerankTable({ training, study }: RoundReport): readonly string[] {
  const known = training.reranks.filter(({ verdict }) => verdict !== 'too-few');
  if (known.length === 0) return [];
  const isBiased = known.some(({ numbers }) => numbers.isBiased);
  return [
    ...table(
      ['chosen by', 'best trial', 'value', `of the top by ${study.metric}`, "Kendall's tau"],
      known.map(({ numbers: { metric, at, order, topKept, topCount, tau } }) => [
        `${at} ${metric}`,
        String(order[0]?.trial ?? '-'),
        order[0] === undefined ? '-' : showNumber(order[0].value),
        `${topKept} of ${topCount}`,
        tau === null ? '-' : showNumber(tau),
      ]),
    ),
    ...(isBiased
      ? [
          '',
          'Biased: the sampler chose the trials for the objective, so another metric is judged on trials that were not sought for it.',
        ]
      : []),
  ];
}

function regionTable(regions: readonly Region[]): readonly string[] {
  return table(
    ['hyperparameter', 'explored', 'high values', 'trials'],
    regions.map((region) => [
      region.name,
      region.type === 'numeric' ? showRange(region.explored) : showChoices(region.explored),
      region.type === 'numeric' ? showRange(region.high) : showChoices(region.high),
      String(region.trials),
    ]),
  );
}

function showRange(range: readonly [number, number] | null): string {
  return range === null ? '-' : `${showNumber(range[0])} to ${showNumber(range[1])}`;
}

function showChoices(choices: readonly (string | number | boolean)[]): string {
  return choices.length === 0 ? '-' : choices.map(showValue).join(', ');
}

function showValue(value: string | number | boolean | undefined): string {
  return value === undefined ? '-' : typeof value === 'number' ? showNumber(value) : String(value);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}

/** What people wrote must not end a cell. */
function cell(text: string): string {
  return inline(text).replaceAll('|', '\\|');
}

/** What people wrote must not end a line or begin a tag. */
function inline(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('<', '&lt;');
}
