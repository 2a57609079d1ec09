/** The benchmark's options, checked. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { didYouMean, InputError } from '@kinetune/study';
import { CONTENDERS_OF, FAMILIES } from './plan.ts';
import { OURS, RIVALS, type Contender, type Setting } from './study-spec.ts';

export const HELP = `Our samplers against Optuna 5 on the same functions, seeds and budgets.

  npm run benchmark:samplers -- --python <python with optuna 5, scipy, torch> [options]

What is compared
  --only gp,tpe,...        families: quasi, tpe, gp, auto; all unless stated. Each brings Optuna's samplers of its kind
                           and scrambled Sobol with twice the trials, the yard-stick
  --contenders gp,...      ours: ${OURS.join(', ')};
                           ${RIVALS.join(', ')}
  --functions branin,...   all unless stated
  --function my.ts         adds a function of yours (repeatable): a file that exports \`benchmarkFunction\`
                           with { name, space, evaluate(values), minimum?, optimum? }; lower is better,
                           NaN is infeasible. With --function and no --functions, only yours are run
  --seeds 20               seeds 1 ... 20; 121-140 are those from 121
  --rival-seeds 1-20       Optuna's seeds, where they are others: the tests are unpaired, so that its stored studies
                           serve every seed of ours
  --budget 100             trials a study; compared at 50, 100, 200, ... and at the end
How (sequential, 8 and 32 at once, noise and infeasible unless one is named)
  --at-once 1,8,32         k configurations are asked for before their k results are told
  --noise                  Gaussian noise of 10 % of the function's interquartile range over the box; judged by the
                           noise-free value of the configuration that would be adopted
  --infeasible             the 30 % of the box with the highest values of a linear function give NaN
Running
  --reuse raw.json         takes Optuna's studies from earlier results, a file or all of a folder (repeatable): they are
                           functions of function, seed, budget and Optuna's version. benchmarks/samplers/results has some
  --reuse-ours             takes ours from there, too, whatever code ran them: to print a report again
  --jobs 1                 studies at the same time
  --skip-times             does not measure the time a suggestion
  --out results            where the raw results go

A whole run takes hours, nearly all of them Optuna's GPSampler (0.1 to 0.5 s a suggestion); with --reuse minutes.
`;

export interface Command {
  readonly python: string;
  readonly contenders: readonly Contender[];
  /** All, unless some are named. */
  readonly functions: readonly string[] | undefined;
  readonly files: readonly string[];
  readonly seeds: readonly number[];
  readonly rivalSeeds: readonly number[];
  readonly budget: number;
  readonly settings: readonly Setting[];
  readonly reuse: readonly string[];
  readonly reusesOurs: boolean;
  readonly jobs: number;
  readonly measuresTimes: boolean;
  readonly out: string;
  /** What was asked for, without where Python and the results lie: that says nothing about the measurement. */
  readonly recorded: readonly string[];
}

/**
 * `undefined` asks for help.
 *
 * @throws InputError on an option or a value that is not known.
 */
export function parseCommand(args: readonly string[]): Command | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const families = list('only', values.only, FAMILIES) ?? FAMILIES;
  const contenders =
    list('contenders', values.contenders, [...OURS, ...RIVALS]) ??
    [...OURS, ...RIVALS].filter((name) => families.some((family) => CONTENDERS_OF[family].includes(name)));
  const atOnce = values['at-once']?.split(',').map((count) => whole('at-once', count));
  const isSettingNamed = atOnce !== undefined || values.noise || values.infeasible;
  const plain = (atOnce ?? (isSettingNamed ? [] : [1, 8, 32])).map((count) => ({
    atOnce: count,
    noise: false,
    infeasible: false,
  }));
  const { python: _python, out: _out, jobs: _jobs, reuse: _reuse, ...recorded } = values;
  return {
    python: values.python,
    contenders,
    functions: values.functions?.split(','),
    files: values.function,
    seeds: range('seeds', values.seeds),
    rivalSeeds: range('rival-seeds', values['rival-seeds'] ?? values.seeds),
    budget: whole('budget', values.budget),
    settings: [
      ...plain,
      ...(values.noise || !isSettingNamed ? [{ atOnce: 1, noise: true, infeasible: false }] : []),
      ...(values.infeasible || !isSettingNamed ? [{ atOnce: 1, noise: false, infeasible: true }] : []),
    ],
    reuse: values.reuse,
    reusesOurs: values['reuse-ours'],
    jobs: whole('jobs', values.jobs),
    measuresTimes: !values['skip-times'],
    out: values.out,
    recorded: Object.entries(recorded).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : typeof value === 'string' ? [`--${name}`, value] : [],
    ),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        python: { type: 'string', default: 'python3' },
        only: { type: 'string' },
        contenders: { type: 'string' },
        functions: { type: 'string' },
        function: { type: 'string', multiple: true, default: [] },
        seeds: { type: 'string', default: '20' },
        'rival-seeds': { type: 'string' },
        budget: { type: 'string', default: '100' },
        'at-once': { type: 'string' },
        noise: { type: 'boolean', default: false },
        infeasible: { type: 'boolean', default: false },
        reuse: { type: 'string', multiple: true, default: [] },
        'reuse-ours': { type: 'boolean', default: false },
        jobs: { type: 'string', default: '1' },
        'skip-times': { type: 'boolean', default: false },
        out: { type: 'string', default: join(import.meta.dirname, 'results') },
      },
    }).values;
  } catch (error) {
    throw new InputError(
      'arguments',
      `${error instanceof Error ? error.message : String(error)} (--help lists the options)`,
    );
  }
}

function list<T extends string>(option: string, text: string | undefined, known: readonly T[]): T[] | undefined {
  return text?.split(',').map((name) => {
    const found = known.find((candidate) => candidate === name);
    if (found !== undefined) return found;
    throw new InputError(
      'arguments',
      `--${option}: expected some of ${known.join(', ')}, got ${name}.${didYouMean(name, known)}`,
    );
  });
}

/** `20` is 1 to 20, `121-140` is 121 to 140. */
function range(option: string, text: string): number[] {
  const ends = /^(\d+)-(\d+)$/.exec(text);
  const [first, last] = ends === null ? [1, whole(option, text)] : [Number(ends[1]), Number(ends[2])];
  if (first < 1 || last < first)
    throw new InputError('arguments', `--${option}: expected a count or a range from 1 such as 121-140, got ${text}`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InputError('arguments', `--${option}: expected a whole number from 1, got ${text}`);
}
