import type { Channel } from '../recording.ts';

/** The channel order of all importers that know it: acceleration, then angular velocity. */
export const ACCELERATION_CHANNELS: readonly Channel[] = ['accX', 'accY', 'accZ'].map((name) => ({
  name,
  quantity: 'acceleration',
  unit: 'g',
}));

export const ANGULAR_VELOCITY_CHANNELS: readonly Channel[] = ['gyroX', 'gyroY', 'gyroZ'].map((name) => ({
  name,
  quantity: 'angular-velocity',
  unit: 'rad/s',
}));

/** Standard gravity, m/s² (exact by definition, CGPM 1901). */
export const STANDARD_GRAVITY = 9.80665;
