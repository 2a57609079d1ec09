import type { Channel } from '../recording.ts';
import { STANDARD_GRAVITY } from './channels.ts';

interface Units {
  readonly accelerationUnit: 'g' | 'm/s2';
  readonly angularVelocityUnit: 'rad/s' | 'deg/s';
}

const ACCELERATION = /^(?:a|acc|accel|acceleration|accelerometer)?[ _.-]?([xyz])$/i;
const ANGULAR_VELOCITY = /^(?:g|w|gyr|gyro|gyroscope|omega|rotation)[ _.-]?([xyz])$/i;
// `acc_x (m/s^2)`, `ax[g]`
const UNIT_SUFFIX = /\s*[([].*$/;

/**
 * What a column's name says it measures: `x`, `acc_x`, `ax`, `AccelX (g)` are acceleration, `gx`, `gyro_x`, `wx` angular
 * velocity. Anything else is `other` and keeps its name and its numbers.
 * @returns the channel, and the factor from the file's unit to ours
 */
export function csvChannel(column: string, units: Units): { readonly channel: Channel; readonly factor: number } {
  const bare = column.replace(UNIT_SUFFIX, '').trim();
  const acceleration = ACCELERATION.exec(bare)?.[1];
  if (acceleration !== undefined) {
    return {
      channel: { name: `acc${acceleration.toUpperCase()}`, quantity: 'acceleration', unit: 'g' },
      factor: units.accelerationUnit === 'g' ? 1 : 1 / STANDARD_GRAVITY,
    };
  }
  const angular = ANGULAR_VELOCITY.exec(bare)?.[1];
  if (angular !== undefined) {
    return {
      channel: { name: `gyro${angular.toUpperCase()}`, quantity: 'angular-velocity', unit: 'rad/s' },
      factor: units.angularVelocityUnit === 'rad/s' ? 1 : Math.PI / 180,
    };
  }
  return { channel: { name: column, quantity: 'other', unit: 'other' }, factor: 1 };
}
