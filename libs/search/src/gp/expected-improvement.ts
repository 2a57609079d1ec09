/**
 * Log expected improvement of a point over the best known, averaged over fantasies of the trials that still run.
 *
 *   a(x) = log 1/S sum_s EI_s(x)
 *   EI_s(x) = sd(x) h((mean_s(x) - best_s) / sd(x)), h(z) = phi(z) + z Phi(z)
 *   all fantasies share one covariance, and with it sd; their means differ
 */
import { dotRows, solveLower, solveLowerTransposed } from '../numeric/cholesky.ts';
import { logH } from '../numeric/normal.ts';
import type { Acquisition } from './acquisition.ts';
import type { Fantasies } from './fantasies.ts';
import { inputGradient, kernelRow, posteriorVariance } from './gaussian-process.ts';

export function expectedImprovement({ posterior, alphas, bests }: Fantasies): Acquisition {
  const { factor, observations } = posterior;
  const n = posterior.alpha.length;
  const kernel = new Float64Array(n);
  const slopes = new Float64Array(n);
  const logs = new Float64Array(alphas.length);
  const scores = new Float64Array(alphas.length);

  /** z and log EI of each fantasy; gives the log of their mean. */
  const average = (sd: number): number => {
    let largest = -Infinity;
    for (let s = 0; s < alphas.length; s++) {
      const mean = dotRows(kernel, 0, alphas[s] as Float64Array, 0, n);
      const z = (mean - (bests[s] as number)) / sd;
      const value = logH(z).value;
      scores[s] = z;
      logs[s] = value;
      if (value > largest) largest = value;
    }
    let sum = 0;
    for (let s = 0; s < logs.length; s++) sum += Math.exp((logs[s] as number) - largest);
    return largest + Math.log(sum / logs.length) + Math.log(sd);
  };
  return {
    dimensions: observations.dimensions,
    value(x) {
      kernelRow(posterior, x, kernel);
      return average(Math.sqrt(posteriorVariance(posterior, solveLower(factor, n, kernel))));
    },
    valueAndGradient(x, gradient) {
      kernelRow(posterior, x, kernel, slopes);
      const v = solveLower(factor, n, kernel);
      const sd = Math.sqrt(posteriorVariance(posterior, v));
      const value = average(sd);
      // d a / d k = sum_s share_s (d logEI_s / d mean_s alpha_s + d logEI_s / d sd d sd / d k), d sd / d k = -K^-1 k / sd
      const sensitivity = new Float64Array(n);
      let towardsSd = 0;
      for (let s = 0; s < alphas.length; s++) {
        const share = Math.exp((logs[s] as number) + Math.log(sd) - value) / alphas.length;
        const z = scores[s] as number;
        const { derivative } = logH(z);
        const towardsMean = (share * derivative) / sd;
        towardsSd += (share * (1 - derivative * z)) / sd;
        const alpha = alphas[s] as Float64Array;
        for (let i = 0; i < n; i++) sensitivity[i] = (sensitivity[i] as number) + towardsMean * (alpha[i] as number);
      }
      const solved = solveLowerTransposed(factor, n, v);
      for (let i = 0; i < n; i++)
        sensitivity[i] = (sensitivity[i] as number) - (towardsSd * (solved[i] as number)) / sd;
      inputGradient(posterior, x, { slopes, sensitivity, gradient });
      return value;
    },
  };
}
