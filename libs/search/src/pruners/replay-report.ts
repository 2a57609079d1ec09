/** The verdict on a replay, and its sentences. */
import type { Objective } from '@kinetune/study';
import { showCount, showList, showShare } from '../analysis/wording.ts';
import type {
  PrunerReplay,
  RankedAt,
  ReplayedOrder,
  ReplayedStop,
  ReplayNumbers,
  ReplayThresholds,
} from './pruner-replay.ts';
import { placeOf, showApart, showPosition, showValue } from './wording.ts';

interface Replayed {
  readonly stops: readonly ReplayedStop[];
  readonly thresholds: ReplayThresholds;
  readonly objective: Objective;
}

type Report = Pick<PrunerReplay, 'verdict' | 'status' | 'reason' | 'sentences' | 'advice'>;

export function replayReport(numbers: ReplayNumbers, replayed: Replayed): Report {
  const judged = judge(numbers, replayed);
  return { ...judged, sentences: [...judged.sentences, ...reservations(numbers)] };
}

function judge(numbers: ReplayNumbers, { stops, thresholds, objective }: Replayed): Report {
  const { complete, savedShare, regret, best, bestKept, topStopped } = numbers;
  if (complete < thresholds.fewestComplete || best === null) {
    return {
      verdict: 'too-few',
      status: 'not-known',
      reason: `${showCount(complete, `complete ${nounOf(numbers)}`)} with a finite ${objective.metric}: ${thresholds.fewestComplete} are needed to judge a pruner`,
      sentences: [savings(numbers, stops)],
      advice: 'run more trials to their end before a pruner is enabled',
    };
  }
  const sentences = [
    savings(numbers, stops),
    fateOfBest(numbers, stops),
    fateOfTop(numbers),
    ...orders(numbers, thresholds),
    ranks(numbers),
  ];
  const reason = `the pruner would have saved ${showShare(savedShare)} of the compute and ${lossOf(numbers, objective)}`;
  if (regret === null || bestKept === null || regret > thresholds.toleratedRegret) {
    return { verdict: 'loses', status: 'fail', reason, sentences, advice: LEAVE_OFF };
  }
  const losing = losingOrders(numbers, thresholds);
  if (losing > thresholds.toleratedLossShare * numbers.otherOrders.length) {
    return {
      verdict: 'loses',
      status: 'fail',
      reason: `${reason}, but by luck: in ${losing} of ${numbers.otherOrders.length} other orders of starting it would have lost more than is tolerated`,
      sentences,
      advice: LEAVE_OFF,
    };
  }
  if (savedShare < thresholds.worthwhileShare) {
    const advice = `leave it off: less than ${showShare(thresholds.worthwhileShare)} of the compute is not worth a rule that can go wrong`;
    return { verdict: 'idle', status: 'caution', reason, sentences, advice };
  }
  const isLucky = topStopped.length * 2 > numbers.top.length;
  const advice = isLucky
    ? 'enable it with care: that the best was kept may be luck, since most of the other best were not'
    : 'enable it in the next study of the same space and length, in the exploit phase';
  return { verdict: 'saves', status: isLucky ? 'caution' : 'pass', reason, sentences, advice };
}

const LEAVE_OFF = 'leave it off, or give it a later start, more patience or a milder rule and replay it again';

/** In how many other orders more than is tolerated would have been lost. */
function losingOrders({ otherOrders }: ReplayNumbers, { toleratedRegret }: ReplayThresholds): number {
  return otherOrders.filter(({ regret }) => regret === null || regret > toleratedRegret).length;
}

function orders(numbers: ReplayNumbers, thresholds: ReplayThresholds): readonly string[] {
  const { otherOrders } = numbers;
  if (otherOrders.length === 0) return [];
  const shares = otherOrders.map((order) => order.savedShare);
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(showShare);
  const saved = least === most ? least : `between ${least} and ${most}`;
  const losing = losingOrders(numbers, thresholds);
  const lost = losing === 0 ? 'none' : `${losing} (at worst ${worstRegret(otherOrders)})`;
  return [
    `Of ${otherOrders.length} other orders of starting, which save ${saved}, ${lost} would have lost more than is tolerated.`,
  ];
}

function worstRegret(otherOrders: readonly ReplayedOrder[]): string {
  const regrets = otherOrders.map(({ regret }) => regret);
  return regrets.includes(null) ? 'everything' : showValue(Math.max(...regrets.map((regret) => regret ?? 0)));
}

function lossOf({ best, bestKept, regret }: ReplayNumbers, { metric }: Objective): string {
  if (best === null || bestKept === null || regret === null) return 'kept nothing that is complete';
  if (regret === 0) return `lost nothing: the best ${metric} stays ${showValue(best.value)}`;
  const [kept, possible] = showApart(bestKept.value, best.value);
  return `lost ${showValue(regret)} of ${metric}: ${kept} instead of ${possible}`;
}

function savings(numbers: ReplayNumbers, stops: readonly ReplayedStop[]): string {
  const { trials, saved, trained, unit, makespan, slots, isTimed, savedShare } = numbers;
  const amount = `${showPosition(saved)} of ${showPosition(trained)} ${unit} (${showShare(savedShare)} of the ${isTimed ? 'training time' : unit})`;
  const show = (time: number): string => (isTimed ? `${showPosition(time / 1000)} s` : `${showPosition(time)} ${unit}`);
  const length = `on ${showCount(slots, 'slot')} the study would have lasted ${show(makespan.with)} instead of ${show(makespan.without)}`;
  return `It would have stopped ${stops.length} of ${showCount(trials, 'trial')} and saved ${amount}; ${length}.`;
}

function fateOfBest(numbers: ReplayNumbers, stops: readonly ReplayedStop[]): string {
  const { best, bestKept, unit } = numbers;
  if (best === null) return 'Nothing ran to its end with a finite value.';
  const noun = nounOf(numbers);
  const name = `${noun === 'trial' ? 'Trial' : 'Configuration'} ${best.configuration}, the best with ${showValue(best.value)},`;
  const stop = stops.find(({ trial }) => best.trials.includes(trial));
  if (stop === undefined) return `${name} would have run to its end.`;
  const instead =
    bestKept === null ? 'nothing would be complete' : `the best kept is ${noun} ${bestKept.configuration}`;
  const which = noun === 'trial' ? '' : ` in trial ${stop.trial}`;
  return `${name} would have been stopped at ${placeOf(stop.at, unit)}${which}, and ${instead}: ${stop.reason}.`;
}

function fateOfTop(numbers: ReplayNumbers): string {
  const { top, topStopped } = numbers;
  if (topStopped.length === 0) return `All of the top ${top.length} would have run to their end.`;
  const which = `${nounOf(numbers)}${topStopped.length === 1 ? '' : 's'} ${showList(topStopped.map(String))}`;
  return `Of the top ${top.length}, ${topStopped.length} would have been stopped: ${which}.`;
}

/** What is ranked. */
function nounOf({ isAggregated }: ReplayNumbers): 'trial' | 'configuration' {
  return isAggregated ? 'configuration' : 'trial';
}

function ranks(numbers: ReplayNumbers): string {
  const { rankCorrelations, unit } = numbers;
  const known = rankCorrelations.filter((one): one is RankedAt & { tau: number } => one.tau !== null);
  if (known.length === 0) return 'Whether early values tell the final order cannot be said: too few of them.';
  const list = known.map(
    ({ at, tau, count }) => `${tau.toFixed(2)} at ${placeOf(at, unit)} (${showCount(count, nounOf(numbers))})`,
  );
  return `The order so far and the final order of those that are complete correlate (Kendall's tau) by ${showList(list)}.`;
}

function reservations({ cutShort }: ReplayNumbers): readonly string[] {
  if (cutShort.length === 0) return [];
  return [
    `${showCount(cutShort.length, 'recorded curve')} had been cut short already, so what a pruner would have lost among them is not known.`,
  ];
}
