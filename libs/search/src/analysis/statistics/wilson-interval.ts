const Z_95 = 1.959963984540054;

/**
 * The 95 % interval of a share, sound for few draws and for shares near 0 and 1.
 * E. B. Wilson 1927: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
 */
export function wilsonInterval(hits: number, draws: number): readonly [number, number] {
  const share = hits / draws;
  const centre = share + (Z_95 * Z_95) / (2 * draws);
  const half = Z_95 * Math.sqrt((share * (1 - share)) / draws + (Z_95 * Z_95) / (4 * draws * draws));
  const scale = 1 + (Z_95 * Z_95) / draws;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}
