import type { Vector } from './activities.ts';

/** A rotation of three-dimensional space. */
export interface Rotation {
  apply(vector: Vector): Vector;
  /** This rotation after `first`. */
  times(first: Rotation): Rotation;
}

/** Rotation by `angle` (rad) about a unit vector, right-handed (Rodrigues' formula). */
export function rotationAbout([x, y, z]: Vector, angle: number): Rotation {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const t = 1 - c;
  return fromRows(
    [c + x * x * t, x * y * t - z * s, x * z * t + y * s],
    [y * x * t + z * s, c + y * y * t, y * z * t - x * s],
    [z * x * t - y * s, z * y * t + x * s, c + z * z * t],
  );
}

/** Rotation by the length of [x, y, z] (rad) about its direction. */
export function rotationFromAngles(x: number, y: number, z: number): Rotation {
  const angle = Math.hypot(x, y, z);
  return angle === 0 ? rotationAbout([1, 0, 0], 0) : rotationAbout([x / angle, y / angle, z / angle], angle);
}

function fromRows(a: Vector, b: Vector, c: Vector): Rotation {
  const apply = ([x, y, z]: Vector): Vector => [
    a[0] * x + a[1] * y + a[2] * z,
    b[0] * x + b[1] * y + b[2] * z,
    c[0] * x + c[1] * y + c[2] * z,
  ];
  return {
    apply,
    times: (first) => {
      const columns = (
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ] as const
      ).map((axis) => apply(first.apply(axis)));
      const [i, j, k] = columns as [Vector, Vector, Vector];
      return fromRows([i[0], j[0], k[0]], [i[1], j[1], k[1]], [i[2], j[2], k[2]]);
    },
  };
}
