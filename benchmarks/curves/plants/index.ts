/** Every plant, one a label. */
import type { Plant } from '../plant.ts';
import { collapsed } from './collapsed.ts';
import { lateNoise } from './late-noise.ts';
import { overfitting } from './overfitting.ts';
import { periodic } from './periodic.ts';
import { risingTrainLoss } from './rising-train-loss.ts';
import { saturated } from './saturated.ts';
import { spikesEarly } from './spikes-early.ts';
import { spikesLate } from './spikes-late.ts';
import { stillImproving } from './still-improving.ts';

export const PLANTS: readonly Plant[] = [
  overfitting,
  lateNoise,
  stillImproving,
  saturated,
  risingTrainLoss,
  periodic,
  spikesEarly,
  spikesLate,
  collapsed,
];
