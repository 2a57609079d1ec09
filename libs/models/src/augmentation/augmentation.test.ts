import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { trainingContext } from '../engine/step-context.ts';
import type { Augmentation } from '../model.ts';
import { loadTensorFlow } from '../native/load-tensorflow.ts';
import { channelDrop } from './channel-drop.ts';
import { createAugmentation } from './create-augmentation.ts';
import { jitter } from './jitter.ts';
import { magnitudeWarp } from './magnitude-warp.ts';
import { mixLosses, mixup } from './mixup.ts';
import { permutation } from './permutation.ts';
import { rotation } from './rotation.ts';
import { scaling } from './scaling.ts';
import { shift } from './shift.ts';
import type { Signal } from './signal.ts';
import { timeWarp } from './time-warp.ts';

loadTensorFlow();

// B windows of T samples and C channels: two sensors of three axes and one channel by itself.
const B = 64;
const T = 30;
const C = 7;
const signal: Signal = {
  sensors: [[0, 1, 2], [3, 4, 5], [6]],
  mean: [0.9, -0.2, 0.1, 0.01, 0.02, -0.03, 5],
  standardDeviation: [0.4, 0.3, 0.5, 1.2, 0.8, 0.6, 2],
};

/** A window's sample as [b][t][c]. */
type Windows = number[][][];

const physical = Array.from({ length: B }, (_, b) =>
  Array.from({ length: T }, (_, t) => Array.from({ length: C }, (_, c) => Math.sin(0.3 * t * (c + 1) + b) + 0.1 * c)),
);
const standardised: Windows = physical.map((window) =>
  window.map((sample) => sample.map((value, c) => (value - at(signal.mean, c)) / at(signal.standardDeviation, c))),
);

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}

function run(augment: Augmentation, { seed = 1, windows = standardised } = {}): Windows {
  return tf.tidy(() => {
    const { random } = trainingContext(tf.scalar(seed, 'int32'));
    return augment(tf.tensor3d(windows), random).arraySync() as never;
  });
}

/** Back to physical units. */
function toPhysical(windows: Windows): Windows {
  return windows.map((window) =>
    window.map((sample) => sample.map((value, c) => value * at(signal.standardDeviation, c) + at(signal.mean, c))),
  );
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function eachSample(windows: Windows, check: (sample: number[], b: number, t: number) => void): void {
  windows.forEach((window, b) => window.forEach((sample, t) => check(sample, b, t)));
}

const all: Readonly<Record<string, Augmentation>> = {
  jitter: jitter(0.1),
  scaling: scaling(0.1, signal),
  rotation: rotation(30, signal),
  permutation: permutation(4),
  timeWarp: timeWarp(0.4),
  magnitudeWarp: magnitudeWarp(0.2, signal),
  shift: shift(0.2),
  channelDrop: channelDrop(0.3),
};

describe.each(Object.entries(all))('%s', (_, augment) => {
  it('repeats itself for the same seed and draws anew for another', () => {
    expect(run(augment)).toEqual(run(augment));
    expect(run(augment)).not.toEqual(run(augment, { seed: 2 }));
  });

  it('draws for each window by itself', () => {
    const [same] = standardised as [number[][], ...number[][][]];
    const windows = run(augment, { windows: Array.from({ length: B }, () => same) });
    const distinct = new Set(windows.map((window) => JSON.stringify(window)));
    expect(distinct.size).toBeGreaterThan(5);
  });

  it('keeps the shape, gives finite numbers and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const windows = run(augment);
    expect([windows.length, windows[0]?.length, windows[0]?.[0]?.length]).toEqual([B, T, C]);
    expect(windows.flat(2).every(Number.isFinite)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('rotation', () => {
  it('keeps the length of each physical sensor vector, and channels that are no vector', () => {
    const turned = toPhysical(run(rotation(180, signal)));
    eachSample(turned, (sample, b, t) => {
      const original = physical[b]?.[t] as number[];
      for (const [from, to] of [
        [0, 3],
        [3, 6],
      ] as const) {
        expect(norm(sample.slice(from, to))).toBeCloseTo(norm(original.slice(from, to)), 4);
      }
      expect(sample[6]).toBeCloseTo(at(original, 6), 4);
    });
  });

  it('turns all sensors of a window by the same rotation, proper and of at most the given angle', () => {
    // Unit vectors along each axis of both sensors read the rotation's columns off.
    const unit = Array.from({ length: B }, () =>
      [0, 1, 2].map((axis) => Array.from({ length: C }, (_, c) => (c < 6 && c % 3 === axis ? 1 : 0))),
    );
    const windows = unit.map((window) =>
      window.map((sample) => sample.map((value, c) => (value - at(signal.mean, c)) / at(signal.standardDeviation, c))),
    );
    const angles = toPhysical(run(rotation(20, signal), { windows })).map((columns) => {
      const [x, y, z] = columns.map((column) => column.slice(0, 3)) as [number[], number[], number[]];
      columns.forEach((column) =>
        column.slice(0, 3).forEach((value, i) => expect(column[i + 3]).toBeCloseTo(value, 4)),
      );
      const cross = [1, 2, 0].map((i, k) => at(x, i) * at(y, (i + 1) % 3) - at(x, (i + 1) % 3) * at(y, i) - at(z, k));
      expect(norm(cross)).toBeLessThan(1e-4); // x × y = z: a rotation, not a reflection
      return (Math.acos((at(x, 0) + at(y, 1) + at(z, 2) - 1) / 2) * 180) / Math.PI;
    });
    expect(Math.max(...angles)).toBeLessThan(20.05);
    expect(Math.max(...angles)).toBeGreaterThan(15);
    expect(Math.min(...angles)).toBeLessThan(5);
  });
});

describe('scaling', () => {
  it('multiplies each sensor of a window by one factor around 1, in physical units', () => {
    const factors = toPhysical(run(scaling(0.1, signal))).flatMap((window, b) => {
      const ratios = signal.sensors.map((sensor) => {
        const [first] = sensor as [number];
        const factor = (window[3]?.[first] as number) / (physical[b]?.[3]?.[first] as number);
        for (const c of sensor) {
          window.forEach((sample, t) => expect(sample[c]).toBeCloseTo(factor * (physical[b]?.[t]?.[c] as number), 3));
        }
        return factor;
      });
      expect(ratios[0]).not.toBeCloseTo(ratios[1] as number, 6);
      return ratios;
    });
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
    const deviation = Math.sqrt(factors.reduce((sum, factor) => sum + (factor - mean) ** 2, 0) / factors.length);
    // 192 draws: the bounds are four standard errors wide; the seed is fixed.
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 0.1)).toBeLessThan(0.021);
  });
});

describe('magnitudeWarp', () => {
  it('multiplies all axes of a sensor by one curve, which moves slowly', () => {
    toPhysical(run(magnitudeWarp(0.2, signal))).forEach((window, b) => {
      const curve = window.map(
        (sample, t) => norm(sample.slice(0, 3)) / norm((physical[b]?.[t] as number[]).slice(0, 3)),
      );
      window.forEach((sample, t) => {
        for (const c of [0, 1, 2]) {
          expect(sample[c]).toBeCloseTo(at(curve, t) * (physical[b]?.[t]?.[c] as number), 3);
        }
      });
      // Knots are more than seven samples apart, and N(1, 0.2): no step is near a knot's whole height.
      curve.slice(1).forEach((value, t) => expect(Math.abs(value - at(curve, t))).toBeLessThan(0.25));
    });
  });
});

describe('jitter', () => {
  it('adds noise of mean 0 and the given deviation in standardised units, everywhere', () => {
    const noise = run(jitter(0.1)).flatMap((window, b) =>
      window.flatMap((sample, t) => sample.map((value, c) => value - (standardised[b]?.[t]?.[c] as number))),
    );
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
    // 13,440 draws: four standard errors.
    expect(Math.abs(mean)).toBeLessThan(0.0035);
    expect(Math.abs(deviation - 0.1)).toBeLessThan(0.0025);
  });
});

describe('permutation', () => {
  it('keeps every sample once and pieces whole', () => {
    const windows = Array.from({ length: B }, () => Array.from({ length: T }, (_, t) => new Array<number>(C).fill(t)));
    const orders = run(permutation(4), { windows }).map((window) => {
      const times = window.map((sample) => at(sample, 0));
      expect([...times].sort((a, b) => a - b)).toEqual(Array.from({ length: T }, (_, t) => t));
      expect(times.slice(1).filter((time, i) => time !== at(times, i) + 1).length).toBeLessThanOrEqual(3);
      // Pieces start at 0, 7, 15 and 22.
      return times.filter((time) => [0, 7, 15, 22].includes(time)).join(' ');
    });
    expect(new Set(orders).size).toBeGreaterThan(15); // of 24 orders
  });

  it('takes more pieces than samples', () => {
    const windows = Array.from({ length: 2 }, () => Array.from({ length: 5 }, (_, t) => new Array<number>(C).fill(t)));
    for (const window of run(permutation(9), { windows })) {
      expect(window.map((sample) => at(sample, 0)).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    }
  });
});

describe('shift', () => {
  it('moves a window round by a whole number of samples within its reach', () => {
    const windows = Array.from({ length: B }, () => Array.from({ length: T }, (_, t) => new Array<number>(C).fill(t)));
    const moves = run(shift(0.2), { windows }).map((window) => {
      const times = window.map((sample) => at(sample, 0));
      times.slice(1).forEach((time, i) => expect(time).toBe((at(times, i) + 1) % T));
      return at(times, 0) > T / 2 ? at(times, 0) - T : at(times, 0);
    });
    expect(new Set(moves).size).toBe(13); // -6 ... 6, each drawn among 64 windows at this seed
    expect(Math.max(...moves.map(Math.abs))).toBe(6);
  });
});

describe('timeWarp', () => {
  it('keeps the ends and the order of samples, at speeds within its depth', () => {
    const windows = Array.from({ length: B }, () => Array.from({ length: T }, (_, t) => new Array<number>(C).fill(t)));
    for (const window of run(timeWarp(0.4), { windows })) {
      const times = window.map((sample) => at(sample, 0));
      expect(times[0]).toBeCloseTo(0, 4);
      expect(times[T - 1]).toBeCloseTo(T - 1, 3);
      // Speeds in [0.6, 1.4] before stretching to the window's length, which divides by a mean speed in the same range.
      times.slice(1).forEach((time, i) => {
        expect(time - at(times, i)).toBeGreaterThan(0.6 / 1.4 - 1e-3);
        expect(time - at(times, i)).toBeLessThan(1.4 / 0.6 + 1e-3);
      });
      expect(times.some((time, t) => Math.abs(time - t) > 0.05)).toBe(true);
    }
  });
});

describe('channelDrop', () => {
  it('drops whole channels with the given probability and changes nothing else', () => {
    let dropped = 0;
    run(channelDrop(0.3)).forEach((window, b) => {
      for (let c = 0; c < C; c++) {
        const isDropped = window.every((sample) => sample[c] === 0);
        if (isDropped) dropped += 1;
        else window.forEach((sample, t) => expect(sample[c]).toBeCloseTo(standardised[b]?.[t]?.[c] as number, 5));
      }
    });
    // 448 draws of probability 0.3: four standard errors.
    expect(Math.abs(dropped / (B * C) - 0.3)).toBeLessThan(0.087);
  });
});

describe('mixup', () => {
  it('blends each window with the one from the other end by its own share', () => {
    tf.tidy(() => {
      const { random } = trainingContext(tf.scalar(3, 'int32'));
      const { windows, ownShare } = mixup(0.4)(tf.tensor3d(standardised), random);
      const shares = [...ownShare.dataSync()];
      const mixed = windows.arraySync();
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(new Set(shares).size).toBeGreaterThan(B / 2);
      mixed.forEach((window, b) => {
        window.forEach((sample, t) => {
          sample.forEach((value, c) => {
            const own = standardised[b]?.[t]?.[c] as number;
            const partner = standardised[B - 1 - b]?.[t]?.[c] as number;
            expect(value).toBeCloseTo(at(shares, b) * own + (1 - at(shares, b)) * partner, 4);
          });
        });
      });
    });
  });

  it('draws shares by Beta(α, α): mean 1/2, variance 1 / (4 (2 α + 1))', () => {
    tf.tidy(() => {
      const { random } = trainingContext(tf.scalar(4, 'int32'));
      const { ownShare } = mixup(0.4)(tf.zeros([4000, 1, 1]), random);
      const shares = [...ownShare.dataSync()];
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      // 4,000 draws: four standard errors of the mean are 0.024.
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.024);
      expect(Math.abs(variance - 1 / 7.2)).toBeLessThan(0.008);
    });
  });

  it('blends losses as it blends windows', () => {
    const mixed = tf.tidy(() => [
      ...mixLosses(tf.tensor1d([2, 4]), tf.tensor1d([6, 8]), tf.tensor1d([1, 0.25])).dataSync(),
    ]);
    expect(mixed).toEqual([2, 7]);
  });
});

describe('createAugmentation', () => {
  it('is nothing when every strength is off', () => {
    expect(
      createAugmentation({ permutationPieces: 1, timeWarp: 0, rotationDegrees: 0, jitter: 0 }, signal),
    ).toBeUndefined();
  });

  it('applies every one that is on', () => {
    const augment = createAugmentation(
      {
        permutationPieces: 3,
        timeWarp: 0.2,
        shift: 0.1,
        rotationDegrees: 15,
        scaling: 0.1,
        magnitudeWarp: 0.1,
        jitter: 0.05,
        channelDrop: 0.1,
      },
      signal,
    ) as Augmentation;
    const windows = run(augment);
    expect(windows.flat(2).every(Number.isFinite)).toBe(true);
    expect(windows).not.toEqual(standardised);
  });

  it('refuses to rotate what has no three axes', () => {
    const flat: Signal = { sensors: [[0]], mean: [0], standardDeviation: [1] };
    expect(() => createAugmentation({ rotationDegrees: 10 }, flat)).toThrow(
      /rotationDegrees needs a sensor with channels/,
    );
  });
});
