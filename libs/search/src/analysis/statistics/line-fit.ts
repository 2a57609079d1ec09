import { studentCdf } from './distributions.ts';
import { mean } from './moments.ts';

export interface LineFit {
  readonly slope: number;
  /** Of what is left beside the line, n - 2 degrees of freedom. */
  readonly residualSd: number;
  /** Of no rise: P(T >= slope / its error), one-sided. */
  readonly pRising: number;
}

/** The line of least squares; null for fewer than three points or an x that does not vary. */
export function fitLine(x: readonly number[], y: readonly number[]): LineFit | null {
  if (x.length < 3) return null;
  const [meanX, meanY] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  if (spread === 0) return null;
  const slope = x.reduce((sum, value, i) => sum + (value - meanX) * ((y[i] as number) - meanY), 0) / spread;
  const left = x.reduce((sum, value, i) => sum + ((y[i] as number) - meanY - slope * (value - meanX)) ** 2, 0);
  const degrees = x.length - 2;
  const residualSd = Math.sqrt(left / degrees);
  const error = residualSd / Math.sqrt(spread);
  return { slope, residualSd, pRising: error === 0 ? (slope > 0 ? 0 : 1) : 1 - studentCdf(slope / error, degrees) };
}
