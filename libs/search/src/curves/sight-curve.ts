/** Every detector on one curve. */
import { sightCollapsed } from './collapsed.ts';
import type { Curve } from './curve.ts';
import type { CurveLabel } from './curve-label.ts';
import { notKnown, type Sighting } from './curve-sighting.ts';
import type { CurveThresholds } from './curve-thresholds.ts';
import { sightLateNoise } from './late-noise.ts';
import { sightOverfitting } from './overfitting.ts';
import { sightPeriodic } from './periodic.ts';
import { sightRisingTrainLoss } from './rising-train-loss.ts';
import { sightSaturated } from './saturated.ts';
import { sightSpikes } from './spikes.ts';
import { sightStillImproving } from './still-improving.ts';

type Sightings = Readonly<Record<CurveLabel, Sighting>>;

/**
 * What only a training that works can show: where the training loss rises or one class is said for everything, the numbers behind
 * these mean something else, and their remedies would lead away from the fault.
 */
const NEEDS_SOUND_TRAINING: readonly CurveLabel[] = ['overfitting', 'late-noise', 'still-improving', 'saturated'];

export function sightCurve(curve: Curve, limits: CurveThresholds): Sightings {
  const sightings: Sightings = {
    'rising-train-loss': sightRisingTrainLoss(curve, limits.risingTrainLoss),
    collapsed: sightCollapsed(curve, limits.collapsed),
    'spikes-early': sightSpikes(curve, 'early', limits.spikes),
    'spikes-late': sightSpikes(curve, 'late', limits.spikes),
    periodic: sightPeriodic(curve, limits.periodic),
    overfitting: sightOverfitting(curve, limits.overfitting),
    'late-noise': sightLateNoise(curve, limits.lateNoise),
    'still-improving': sightStillImproving(curve, limits.stillImproving),
    saturated: sightSaturated(curve, limits.saturated),
  };
  return withoutMoot(withoutRepeated(sightings, limits));
}

/** Rises that come round with a period are that period: clipping would not mend the order of the data. */
function withoutRepeated(sightings: Sightings, limits: CurveThresholds): Sightings {
  if (sightings.periodic.verdict !== 'found') return sightings;
  const isRepeated = ({ numbers }: Sighting): boolean => (numbers['spikes'] ?? 0) >= limits.periodic.repeatedSpikes;
  const repeated = (['spikes-early', 'spikes-late'] as const).filter((label) => isRepeated(sightings[label]));
  const moot = notKnown('sudden rises come round with the period: until that is mended others cannot be told');
  return { ...sightings, ...Object.fromEntries(repeated.map((label) => [label, moot])) };
}

function withoutMoot(sightings: Sightings): Sightings {
  const fault = (['rising-train-loss', 'collapsed'] as const).find((label) => sightings[label].verdict === 'found');
  if (fault === undefined) return sightings;
  const moot = notKnown(`${fault} comes first: until that is mended this cannot be told`);
  return { ...sightings, ...Object.fromEntries(NEEDS_SOUND_TRAINING.map((label) => [label, moot])) };
}
