/** Which channels belong together: the axes of one accelerometer turn and scale as one. */

/** What is used of libs/data's `Channel`. */
export interface NamedChannel {
  /** e.g. `accX`, `gyroZ`. */
  readonly name: string;
}

/** Channel indices of one sensor; three of them are its x, y and z. */
export type Sensor = readonly number[];

/**
 * Channels whose names differ only in a last X, Y or Z form a sensor in that order (all three must be there); every other
 * channel is a sensor of its own. `accX accY accZ gyroX gyroY gyroZ` -> [[0, 1, 2], [3, 4, 5]].
 */
export function findSensors(channels: readonly NamedChannel[]): readonly Sensor[] {
  const names = channels.map(({ name }) => name);
  const sensors: Sensor[] = [];
  const taken = new Set<number>();
  names.forEach((name, i) => {
    if (taken.has(i)) return;
    const stem = /^(.*)[XYZxyz]$/.exec(name)?.[1];
    const axes = stem === undefined ? [] : ['X', 'Y', 'Z'].map((axis) => axisIndex(names, stem, axis));
    const sensor = axes.length === 3 && axes.every((axis) => axis >= 0) ? axes : [i];
    for (const channel of sensor) taken.add(channel);
    sensors.push(sensor);
  });
  return sensors;
}

function axisIndex(names: readonly string[], stem: string, axis: string): number {
  return names.findIndex((name) => name === stem + axis || name === stem + axis.toLowerCase());
}
