/** The bars of samplers.md 4.5, item 5, each with the numbers that decide it. */
import { compare, SEQUENTIAL, winAgainstYardStick, type Evidence } from './evidence.ts';
import { NAMED_FUNCTIONS } from './functions.ts';
import { median } from '../order-statistics.ts';
import type { SuggestionTime } from './suggestion-times.ts';
import type { Contender, Setting } from './study-spec.ts';

export const BAR_VERDICTS = ['pass', 'FAIL', 'not measured'] as const;
export type BarVerdict = (typeof BAR_VERDICTS)[number];

export interface Bar {
  readonly name: string;
  readonly verdict: BarVerdict;
  readonly numbers: string;
}

const NAMES = NAMED_FUNCTIONS.map(({ name }) => name);
const TRIALS = [50, 100];
const LEAST_SEEDS = 20;
const LEVEL = 0.05;
const AT_ONCE_8: Setting = { ...SEQUENTIAL, atOnce: 8 };
const AT_ONCE_32: Setting = { ...SEQUENTIAL, atOnce: 32 };
const NOISE: Setting = { ...SEQUENTIAL, noise: true };
const INFEASIBLE: Setting = { ...SEQUENTIAL, infeasible: true };

const LEAST_WIN = 0.89;
const LARGEST_INFEASIBLE_RATIO = 1.5;
const TIME_BARS = [
  { contender: 'tpe', trials: 100, ms: 5 },
  { contender: 'gp', trials: 100, ms: 60 },
  { contender: 'tpe', trials: 1000, ms: 10 },
] as const;

/** Bars of contenders that did not run are left out. */
export function judgeBars(
  evidence: Evidence,
  times: readonly SuggestionTime[],
  contenders: readonly Contender[],
): Bar[] {
  const has = (name: Contender): boolean => contenders.includes(name);
  const engines = (['gp', 'tpe', 'auto'] as const).filter(has);
  const families = (
    [
      ['gp', 'optuna-gp'],
      ['tpe', 'optuna-published-tpe'],
    ] as const
  ).filter(([ours]) => has(ours));
  return [
    ...families.map(([ours, rival]) => rankBar(evidence, ours, { rivals: [rival], setting: SEQUENTIAL, better: 2 })),
    ...engines
      .filter((name) => name !== 'tpe')
      .map((ours) => rankBar(evidence, ours, { rivals: ['optuna-gp', 'optuna-tpe'], setting: AT_ONCE_8, better: 0 })),
    ...engines.filter((name) => name !== 'tpe').map((ours) => winBar(evidence, ours)),
    ...engines.map((ours) => infeasibleBar(evidence, ours)),
    ...families.map(([ours, rival]) => rankBar(evidence, ours, { rivals: [rival], setting: NOISE, better: 2 })),
    ...TIME_BARS.filter(({ contender }) => has(contender)).map((bar) => timeBar(times, bar)),
  ];
}

interface RankBar {
  readonly rivals: readonly Contender[];
  readonly setting: Setting;
  /** On how many functions ours has to be better, at either number of trials. */
  readonly better: number;
}

function rankBar(evidence: Evidence, ours: Contender, { rivals, setting, better }: RankBar): Bar {
  const how = setting.noise ? 'noise' : setting.atOnce === 1 ? 'sequential' : `${setting.atOnce} at once`;
  const title =
    `${ours}, ${how}: not worse than ${rivals.join(' and ')}` + (better > 0 ? `, better on ${better} functions` : '');
  const cells = compare(evidence, ours, { rivals, functions: NAMES, setting, trials: TRIALS });
  const short = cells.filter(({ ourSeeds, rivalSeeds }) => Math.min(ourSeeds, rivalSeeds) < LEAST_SEEDS);
  if (cells.length < NAMES.length * TRIALS.length || short.length > 0) {
    const why =
      short.length > 0
        ? `${short.length} cells with under ${LEAST_SEEDS} seeds`
        : `${cells.length} of ${NAMES.length * TRIALS.length} cells`;
    return { name: title, verdict: 'not measured', numbers: why };
  }
  const worse = cells.filter(({ pWorse }) => pWorse < LEVEL);
  const betterOn = new Set(cells.filter(({ pBetter }) => pBetter < LEVEL).map((cell) => cell.function));
  const worst = cells.reduce((a, b) => (b.pWorse < a.pWorse ? b : a));
  const numbers =
    `worse: ${worse.map((cell) => `${cell.function} at ${cell.trials}`).join(', ') || 'none'} ` +
    `(smallest p ${worst.pWorse.toPrecision(2)}, ${worst.function} at ${worst.trials}); ` +
    `better: ${[...betterOn].join(', ') || 'none'}`;
  return { name: title, verdict: worse.length === 0 && betterOn.size >= better ? 'pass' : 'FAIL', numbers };
}

function winBar(evidence: Evidence, ours: Contender): Bar {
  const title = `${ours}, 32 at once: win probability at 100 trials against Sobol at 200 at least ${LEAST_WIN}`;
  const wins = NAMES.map((name) =>
    winAgainstYardStick(evidence, { contender: ours, function: name, setting: AT_ONCE_32, trials: 100 }),
  );
  if (wins.some((win) => win === undefined)) return { name: title, verdict: 'not measured', numbers: '' };
  const mean = wins.reduce<number>((sum, win) => sum + (win ?? 0), 0) / wins.length;
  const each = NAMES.map((name, i) => `${name} ${wins[i]?.toFixed(2)}`).join(', ');
  return { name: title, verdict: mean >= LEAST_WIN ? 'pass' : 'FAIL', numbers: `${mean.toFixed(3)} (${each})` };
}

function infeasibleBar(evidence: Evidence, ours: Contender): Bar {
  const title = `${ours}, 30 % infeasible: median regret at 50 at most ${LARGEST_INFEASIBLE_RATIO} times that without`;
  const ratios = NAMES.map((name) => {
    const [with_, without] = [INFEASIBLE, SEQUENTIAL].map((setting) =>
      evidence.regrets({ contender: ours, function: name, setting, trials: 50 }),
    );
    return with_ === undefined || without === undefined ? NaN : median(with_) / median(without);
  });
  if (ratios.some(Number.isNaN)) return { name: title, verdict: 'not measured', numbers: '' };
  return {
    name: title,
    verdict: ratios.every((ratio) => ratio <= LARGEST_INFEASIBLE_RATIO) ? 'pass' : 'FAIL',
    numbers: NAMES.map((name, i) => `${name} ${ratios[i]?.toFixed(2)}`).join(', '),
  };
}

function timeBar(times: readonly SuggestionTime[], { contender, trials, ms }: (typeof TIME_BARS)[number]): Bar {
  const name = `${contender}: under ${ms} ms a suggestion at ${trials} trials of 10 hyperparameters`;
  const time = times.find((each) => each.contender === contender && each.trials === trials);
  if (time === undefined) return { name, verdict: 'not measured', numbers: '' };
  const [low, high] = time.quartilesMs;
  return { name, verdict: time.medianMs < ms ? 'pass' : 'FAIL', numbers: `${time.medianMs} ms [${low}, ${high}]` };
}
