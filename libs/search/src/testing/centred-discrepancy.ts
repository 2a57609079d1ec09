/**
 * Centred L2 discrepancy of points in the unit cube, squared as in scipy; lower is more even. F. J. Hickernell 1998:
 *
 *   (13/12)^d - 2/n sum_i prod_k (1 + |z_ik|/2 - z_ik^2/2)
 *             + 1/n^2 sum_ij prod_k (1 + |z_ik|/2 + |z_jk|/2 - |x_ik - x_jk|/2),      z = x - 1/2
 */
export function centredDiscrepancy(points: readonly (readonly number[])[]): number {
  const n = points.length;
  const product = (point: readonly number[], factor: (x: number, k: number) => number): number =>
    point.reduce((soFar, x, k) => soFar * factor(x, k), 1);
  let single = 0;
  let double = 0;
  for (const a of points) {
    single += product(a, (x) => 1 + Math.abs(x - 0.5) / 2 - (x - 0.5) ** 2 / 2);
    for (const b of points) {
      double += product(a, (x, k) => {
        const y = b[k] as number;
        return 1 + Math.abs(x - 0.5) / 2 + Math.abs(y - 0.5) / 2 - Math.abs(x - y) / 2;
      });
    }
  }
  return (13 / 12) ** (points[0]?.length ?? 0) - (2 / n) * single + double / (n * n);
}
