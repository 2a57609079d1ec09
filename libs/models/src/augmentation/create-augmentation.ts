import { InputError } from '@kinetune/study';
import type { Augmentation } from '../model.ts';
import { channelDrop } from './channel-drop.ts';
import { jitter } from './jitter.ts';
import { magnitudeWarp } from './magnitude-warp.ts';
import { permutation } from './permutation.ts';
import { rotation } from './rotation.ts';
import { scaling } from './scaling.ts';
import { shift } from './shift.ts';
import type { Signal } from './signal.ts';
import { timeWarp } from './time-warp.ts';

/** Strengths by the catalogue's names and units; 0 (1 for pieces) is off, and so is what is missing. */
export interface AugmentationStrengths {
  readonly permutationPieces?: number;
  readonly timeWarp?: number;
  readonly shift?: number;
  readonly rotationDegrees?: number;
  readonly scaling?: number;
  readonly magnitudeWarp?: number;
  readonly jitter?: number;
  readonly channelDrop?: number;
}

/**
 * One augmentation of standardised windows [B, T, C] from the strengths, or undefined when all are off. First what moves
 * time, then what acts on physical units, then the sensor's noise and failures. Each window is drawn for by itself.
 * @throws InputError when a rotation is asked for and no sensor has three axes.
 */
export function createAugmentation(strengths: AugmentationStrengths, signal: Signal): Augmentation | undefined {
  const steps: Augmentation[] = [];
  const add = (strength: number | undefined, make: (strength: number) => Augmentation): void => {
    if (strength !== undefined && strength > 0) steps.push(make(strength));
  };
  if ((strengths.permutationPieces ?? 1) > 1) steps.push(permutation(strengths.permutationPieces as number));
  add(strengths.timeWarp, timeWarp);
  add(strengths.shift, shift);
  add(strengths.rotationDegrees, (degrees) => {
    if (!signal.sensors.some((sensor) => sensor.length === 3)) {
      throw new InputError(
        'rotation-needs-axes',
        'rotationDegrees needs a sensor with channels named alike but for X, Y and Z (accX, accY, accZ), ' +
          `but the ${signal.mean.length} channels of this data have none; set rotationDegrees to 0`,
      );
    }
    return rotation(degrees, signal);
  });
  add(strengths.scaling, (deviation) => scaling(deviation, signal));
  add(strengths.magnitudeWarp, (deviation) => magnitudeWarp(deviation, signal));
  add(strengths.jitter, jitter);
  add(strengths.channelDrop, channelDrop);
  if (steps.length === 0) return undefined;
  return (windows, random) => steps.reduce((augmented, step) => step(augmented, random), windows);
}
