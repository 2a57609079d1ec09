/**
 * Centred L2 discrepancy of points in the unit cube, squared as in scipy; lower is more even. F. J. Hickernell 1998:
 *
 *   (13/12)^d - 2/n sum_i prod_k (1 + |z_ik|/2 - z_ik^2/2)
 *             + 1/n^2 sum_ij prod_k (1 + |z_ik|/2 + |z_jk|/2 - |x_ik - x_jk|/2),      z = x - 1/2
 */
export function centredDiscrepancy(points: readonly (readonly number[])[]): number {
  const n = points.length;
  const d = points[0]?.length ?? 0;
  let single = 0;
  let double = 0;
  points.forEach((a, i) => {
    let alone = 1;
    let self = 1;
    for (const x of a) {
      const z = Math.abs(x - 0.5);
      alone *= 1 + z / 2 - z ** 2 / 2;
      self *= 1 + z;
    }
    single += alone;
    double += self;
    for (let j = 0; j < i; j++) {
      const b = points[j] as readonly number[];
      let pair = 1;
      for (let k = 0; k < d; k++) {
        const x = a[k] as number;
        const y = b[k] as number;
        pair *= 1 + Math.abs(x - 0.5) / 2 + Math.abs(y - 0.5) / 2 - Math.abs(x - y) / 2;
      }
      double += 2 * pair;
    }
  });
  return (13 / 12) ** d - (2 / n) * single + double / (n * n);
}
