import { expect, it } from 'vitest';
import { findSensors } from './sensors.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));

it('groups the axes of an accelerometer and a gyroscope', () => {
  expect(findSensors(named('accX', 'accY', 'accZ', 'gyroX', 'gyroY', 'gyroZ'))).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

it('orders the axes by their names, wherever the columns are', () => {
  expect(findSensors(named('gyro_z', 'acc_y', 'acc_x', 'gyro_x', 'acc_z', 'gyro_y'))).toEqual([
    [3, 5, 0],
    [2, 1, 4],
  ]);
});

it('leaves a channel without its companions alone', () => {
  expect(findSensors(named('accX', 'accY', 'heartRate', 'x', 'y', 'z'))).toEqual([[0], [1], [2], [3, 4, 5]]);
});
