/**
 * Sudden rises of the training loss: instability, early or mid-training (Deep Learning Tuning Playbook, "How can optimization failures
 * be debugged and mitigated?"; practices 64, 107, 109). A rise is measured from the median of the parts before it, at the finest view
 * there is: the parts of epochs, else evaluations, which may hide an early one. Divergence is the largest spike there is.
 */
import { median } from '../analysis/statistics/moments.ts';
import { showNumber } from '../analysis/wording.ts';
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
  const isInTime = (epoch: number): boolean => (time === 'early' ? epoch <= border : epoch > border);
  const when = time === 'early' ? `up to epoch ${showEpoch(border)}` : `after epoch ${showEpoch(border)}`;
  const noise = partNoise(lossParts);
  const spikes = spikesOf(lossParts, noise, limits).filter(({ epoch }) => isInTime(epoch));
  const highest = spikes.reduce<Spike | null>(
    (best, spike) => (best && best.height >= spike.height ? best : spike),
    null,
  );
  const numbers = {
    spikes: spikes.length,
    highest: highest?.height ?? null,
    levelBefore: highest?.level ?? null,
    noise,
    earlyUntil: border,
    divergedAtEpoch,
  };
  if (divergedAtEpoch !== null && isInTime(divergedAtEpoch)) {
    const reason = `the loss or its gradient was no longer finite at epoch ${showEpoch(divergedAtEpoch)}`;
    return { verdict: 'found', reason, numbers, epochs: [divergedAtEpoch] };
  }
  if (lossParts.length < 3)
    return notKnown(`${lossParts.length} training losses: at least 3 are needed to see one rise`);
  if (highest === null)
    return { verdict: 'not-found', reason: `no sudden rise of the training loss ${when}`, numbers, epochs: [] };
  const others = spikes.length > 1 ? ` and ${spikes.length - 1} more` : '';
  return {
    verdict: 'found',
    reason: `the training loss jumps from ${showNumber(highest.level)} to ${showNumber(highest.height)} at epoch ${showEpoch(highest.epoch)}${others} (${when}; noise ${showNumber(noise)})`,
    numbers,
    epochs: spikes.map(({ epoch }) => epoch),
  };
}

/** The end of what is early, in epochs. */
function earlyUntil(
  { totalEpochs, warmupEpochs }: Curve,
  { earlyPart, earlyEpochs }: CurveThresholds['spikes'],
): number {
  return Math.max(earlyPart * totalEpochs, warmupEpochs, Math.min(earlyEpochs, totalEpochs / 4));
}

/** Of a part: of differences from one to the next, which a course of many parts hardly has. */
function partNoise(parts: readonly LossPart[]): number {
  const steps = parts.slice(1).map(({ mean }, i) => Math.abs(mean - (parts[i] as LossPart).mean));
  return steps.length === 0 ? 0 : (1.4826 * median(steps)) / Math.SQRT2;
}

/** Rises, each from the level before it; parts that are still high belong to the same one. */
function spikesOf(
  parts: readonly LossPart[],
  noise: number,
  { riseInNoise, riseOfLevel, riseOfFall, levelParts }: CurveThresholds['spikes'],
): readonly Spike[] {
  const spikes: Spike[] = [];
  const lowest = Math.min(...parts.map(({ mean }) => mean));
  const fall = Math.max(...parts.slice(0, levelParts).map(({ mean }) => mean)) - lowest;
  const least = Math.max(riseInNoise * noise, riseOfFall * fall);
  const calm: number[] = [];
  let spike: Spike | null = null;
  for (const { epoch, mean, maximum } of parts) {
    // The median is asked for only where the level could matter.
    const isAbove = calm.some((value) => maximum - value > least);
    const level = isAbove ? median(calm) : null;
    const rise = level === null ? 0 : maximum - level;
    const isHigh = level !== null && rise > least && rise > riseOfLevel * Math.abs(level);
    if (!isHigh) {
      spike = null;
      calm.push(mean);
      if (calm.length > levelParts) calm.shift();
      continue;
    }
    if (spike === null) spikes.push({ epoch, level, height: maximum });
    else spikes[spikes.length - 1] = { ...spike, height: Math.max(spike.height, maximum) };
    spike = spikes.at(-1) as Spike;
  }
  return spikes;
}
