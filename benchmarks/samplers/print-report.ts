/** The report as text: regrets by setting and function, family tests, ranks, times, bars. */
import type { Bar } from './bars.ts';
import { compare, meanRanks, SEQUENTIAL, winAgainstYardStick, type Evidence } from './evidence.ts';
import { YARD_STICK } from './plan.ts';
import { quantile } from '../order-statistics.ts';
import { criticalDifference } from './statistics.ts';
import type { SuggestionTime } from './suggestion-times.ts';
import { settingName, type Contender, type Setting } from './study-spec.ts';

export interface ReportOptions {
  readonly contenders: readonly Contender[];
  readonly settings: readonly Setting[];
  readonly checkpoints: readonly number[];
  readonly times: readonly SuggestionTime[];
  readonly bars: readonly Bar[];
}

/** Each of ours and Optuna's best of the same kind. */
const FAMILY_RIVALS = [
  ['gp', 'optuna-gp'],
  ['tpe', 'optuna-published-tpe'],
  ['sobol', 'optuna-sobol'],
  ['halton', 'optuna-sobol'],
  ['random', 'optuna-random'],
] as const;

export function printReport(evidence: Evidence, options: ReportOptions): void {
  const { contenders, settings, checkpoints, times, bars } = options;
  const plain = [SEQUENTIAL, ...settings.filter((each) => settingName(each) !== settingName(SEQUENTIAL))];
  for (const setting of plain) {
    printRegrets(evidence, setting, { contenders, checkpoints });
    printTests(evidence, setting, { contenders, checkpoints });
    printRanks(evidence, setting, { contenders, checkpoints });
  }
  if (times.length > 0) {
    console.log('\nTime a suggestion, one thread, in turn within a family (ms: median [quartiles])');
    for (const { contender, dimensions, trials, medianMs, quartilesMs } of times) {
      console.log(
        `  ${contender.padEnd(22)} ${String(trials).padStart(5)} trials of ${dimensions} hyperparameters: ${medianMs} [${quartilesMs.join(', ')}]`,
      );
    }
  }
  console.log('\nBars (samplers.md 4.5, item 5; on the four functions it names)');
  for (const { name, verdict, numbers } of bars)
    console.log(`  ${verdict.padEnd(13)}${name}\n${' '.repeat(15)}${numbers}`);
}

type Columns = Pick<ReportOptions, 'contenders' | 'checkpoints'>;

function printRegrets(evidence: Evidence, setting: Setting, { contenders, checkpoints }: Columns): void {
  const rows = evidence.functions.flatMap(({ name, minimum }) => {
    const lines = contenders.flatMap((contender) => {
      const columns = checkpoints.map((trials) => {
        const cell = { contender, function: name, setting, trials };
        const regrets = evidence.regrets(cell);
        if (regrets === undefined) return '';
        const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => short(quantile(regrets, q)));
        const win = contender === YARD_STICK ? undefined : winAgainstYardStick(evidence, cell);
        return `${middle} [${low}, ${high}]`.padEnd(30) + (win?.toFixed(2) ?? '').padEnd(7);
      });
      return columns.every((column) => column === '') ? [] : [`    ${contender.padEnd(22)}${columns.join('')}`];
    });
    return lines.length === 0
      ? []
      : [`  ${name}${minimum === null ? ' (values, for its minimum is not known)' : ''}`, ...lines];
  });
  if (rows.length === 0) return;
  console.log(
    `\n== ${settingName(setting)}: simple regret, median [quartiles]; probability of beating Sobol with twice the trials`,
  );
  console.log(`${' '.repeat(26)}${checkpoints.map((trials) => `${trials} trials`.padEnd(37)).join('')}`);
  rows.forEach((row) => console.log(row));

  for (const contender of contenders.filter((each) => each !== YARD_STICK)) {
    const means = checkpoints.map((trials) => {
      const wins = evidence.functions
        .map(({ name }) => winAgainstYardStick(evidence, { contender, function: name, setting, trials }))
        .filter((win) => win !== undefined);
      return wins.length === 0
        ? ''
        : `${(wins.reduce((a, b) => a + b, 0) / wins.length).toFixed(3)} over ${wins.length}`;
    });
    if (means.some((mean) => mean !== '')) {
      console.log(
        `  mean win probability, ${contender}: ${means.map((mean, i) => `${checkpoints[i]} trials ${mean}`).join('; ')}`,
      );
    }
  }
}

function printTests(evidence: Evidence, setting: Setting, { contenders, checkpoints }: Columns): void {
  const functions = evidence.functions.map(({ name }) => name);
  for (const [ours, rival] of FAMILY_RIVALS) {
    if (!contenders.includes(ours)) continue;
    const cells = compare(evidence, ours, { rivals: [rival], functions, setting, trials: checkpoints });
    if (cells.length === 0) continue;
    console.log(`  ${ours} against ${rival}: one-sided Mann-Whitney, Holm-corrected over these ${cells.length} cells`);
    for (const cell of cells) {
      const verdict = cell.pWorse < 0.05 ? 'WORSE' : cell.pBetter < 0.05 ? 'better' : '';
      console.log(
        `    ${`${cell.function} at ${cell.trials}`.padEnd(24)}${short(cell.ourMedian).padEnd(10)}${short(cell.rivalMedian).padEnd(10)}` +
          `p worse ${short(cell.pWorse).padEnd(9)}p better ${short(cell.pBetter).padEnd(9)}` +
          `seeds ${cell.ourSeeds}, ${cell.rivalSeeds}  ${verdict}`,
      );
    }
  }
}

function printRanks(evidence: Evidence, setting: Setting, { contenders, checkpoints }: Columns): void {
  for (const trials of checkpoints) {
    const present = contenders.filter((contender) =>
      evidence.functions.some(
        ({ name }) => evidence.regrets({ contender, function: name, setting, trials }) !== undefined,
      ),
    );
    const { functions, ranks } = meanRanks(evidence, present, { setting, trials });
    if (functions.length < 2 || present.length < 2) continue;
    const difference = criticalDifference(present.length, functions.length);
    const order = ranks.map(({ contender, meanRank }) => `${contender} ${meanRank.toFixed(2)}`).join(', ');
    console.log(
      `  mean ranks at ${trials} over ${functions.length} functions (critical difference ${difference.toFixed(2)}): ${order}`,
    );
  }
}

/** Two digits; an exponent only where they would drown in zeros. */
function short(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(2)));
}
