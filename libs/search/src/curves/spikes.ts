/**
 * Sudden rises of the training loss: instability, early or mid-training (Deep Learning Tuning Playbook, "How can optimization failures
 * be debugged and mitigated?"; practices 64, 107, 109). A rise is measured from the median of the parts before it, at the finest view
 * there is: the parts of epochs, else evaluations, which may hide an early one. Divergence is the largest spike there is.
 */
import { median } from '../analysis/statistics/moments.ts';
import { showNumber, showShare } from '../analysis/wording.ts';
import type { Curve, LossPart } from './curve.ts';
import { notKnown, showEpoch, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';

export const SPIKE_TIMES = ['early', 'late'] as const;
export type SpikeTime = (typeof SPIKE_TIMES)[number];

interface Spike {
  readonly epoch: number;
  readonly level: number;
  readonly height: number;
}

export function sightSpikes(curve: Curve, time: SpikeTime, limits: CurveThresholds['spikes']): Sighting {
  const { lossParts, divergedAtEpoch } = curve;
  const border = earlyUntil(curve, limits);
  const noise = relativeNoise(lossParts);
  const spikes = spikesOf(lossParts, noise, limits);
  const highest = spikes.reduce<Spike | null>(
    (best, spike) => (best && best.height >= spike.height ? best : spike),
    null,
  );
  const beganAt = spikes[0]?.epoch ?? divergedAtEpoch;
  const numbers = {
    spikes: spikes.length,
    highest: highest?.height ?? null,
    levelBefore: highest?.level ?? null,
    relativeNoise: noise,
    earlyUntil: border,
    divergedAtEpoch,
  };
  if (beganAt === null) {
    if (lossParts.length < 3)
      return notKnown(`${lossParts.length} training losses: at least 3 are needed to see one rise`);
    return { verdict: 'not-found', reason: 'no sudden rise of the training loss', numbers, epochs: [] };
  }
  // Instability is of the time at which it begins: what shakes a training early goes on shaking it.
  const began = beganAt <= border ? 'early' : 'late';
  const when = `${beganAt <= border ? 'up to' : 'after'} epoch ${showEpoch(border)}`;
  if (began !== time) {
    const reason = `sudden rises of the training loss began at epoch ${showEpoch(beganAt)}, ${when}`;
    return { verdict: 'not-found', reason, numbers, epochs: [] };
  }
  if (highest === null) {
    const reason = `the loss or its gradient was no longer finite at epoch ${showEpoch(beganAt)}`;
    return { verdict: 'found', reason, numbers, epochs: [beganAt] };
  }
  const others = spikes.length > 1 ? ` and ${spikes.length - 1} more` : '';
  const end = divergedAtEpoch === null ? '' : `, until it was no longer finite at epoch ${showEpoch(divergedAtEpoch)}`;
  return {
    verdict: 'found',
    reason: `the training loss jumps from ${showNumber(highest.level)} to ${showNumber(highest.height)} at epoch ${showEpoch(highest.epoch)}${others}${end} (the first ${when}; noise ${showShare(noise)} of the level)`,
    numbers,
    epochs: [...spikes.map(({ epoch }) => epoch), ...(divergedAtEpoch === null ? [] : [divergedAtEpoch])],
  };
}

/** The end of what is early, in epochs. */
function earlyUntil(
  { totalEpochs, warmupEpochs }: Curve,
  { earlyPart, earlyEpochs }: CurveThresholds['spikes'],
): number {
  return Math.max(earlyPart * totalEpochs, warmupEpochs, Math.min(earlyEpochs, totalEpochs / 4));
}

/**
 * Of a part as a share of its level, from differences to the next, which a course of many parts hardly has: batch losses scatter in
 * proportion to themselves.
 */
function relativeNoise(parts: readonly LossPart[]): number {
  const steps = parts.slice(1).map(({ maximum }, i) => {
    const before = (parts[i] as LossPart).maximum;
    const level = (Math.abs(maximum) + Math.abs(before)) / 2;
    return level === 0 ? 0 : Math.abs(maximum - before) / level;
  });
  return steps.length === 0 ? 0 : (1.4826 * median(steps)) / Math.SQRT2;
}

/**
 * Rises of the parts' maxima, each from the median of the maxima before it; parts that are still high belong to the same one. Maxima
 * against maxima: of many steps the highest is always far above their mean.
 */
function spikesOf(
  parts: readonly LossPart[],
  noise: number,
  { riseInNoise, riseOfLevel, riseOfFall, levelParts }: CurveThresholds['spikes'],
): readonly Spike[] {
  const spikes: Spike[] = [];
  const learned = Math.max(0, (parts[0]?.maximum ?? 0) - Math.min(...parts.map(({ mean }) => mean)));
  const calm: number[] = [];
  let spike: Spike | null = null;
  for (const { epoch, maximum } of parts) {
    // The median is asked for only where it could matter.
    const isAbove = calm.some((value) => maximum - value > riseOfFall * learned);
    const level = isAbove ? median(calm) : null;
    const least = Math.max(riseOfFall * learned, Math.max(riseInNoise * noise, riseOfLevel) * Math.abs(level ?? 0));
    if (level === null || maximum - level <= least) {
      spike = null;
      calm.push(maximum);
      if (calm.length > levelParts) calm.shift();
      continue;
    }
    if (spike === null) spikes.push({ epoch, level, height: maximum });
    else spikes[spikes.length - 1] = { ...spike, height: Math.max(spike.height, maximum) };
    spike = spikes.at(-1) as Spike;
  }
  return spikes;
}
