/**
 * How a trained model does on each person: data variance seen from the other side (practice 73), and how far validation people are from
 * one another. A model's share of correct windows differs between people by chance, too; windows of one person are alike, so that the
 * binomial spread is the least that chance gives.
 *
 *   chi-square test of equal shares over people; the spread beyond chance: max(0, s^2 - mean p(1-p)/n), s^2 of the shares
 */
import { chiSquareSurvival } from './statistics/distributions.ts';
import { mean, standardDeviation } from './statistics/moments.ts';

export interface PersonShare {
  readonly subject: string;
  readonly correct: number;
  /** Windows of the person. */
  readonly count: number;
}

export interface PersonSpread {
  /** Worst first. */
  readonly people: readonly (PersonShare & { readonly share: number })[];
  readonly mean: number | null;
  /** Over people, each counting once; null for fewer than two. */
  readonly standardDeviation: number | null;
  /** What is left of it when independent windows are taken away: the least that people differ. */
  readonly beyondChance: number | null;
  /** Of all people being equally easy; null for fewer than two, 1 where all windows are right or all wrong. */
  readonly p: number | null;
}

export function personSpread(shares: readonly PersonShare[]): PersonSpread {
  const people = shares
    .filter(({ count }) => count > 0)
    .map((one) => ({ ...one, share: one.correct / one.count }))
    .sort((a, b) => a.share - b.share);
  const values = people.map(({ share }) => share);
  const sd = standardDeviation(values);
  if (sd === null) return { people, mean: values[0] ?? null, standardDeviation: null, beyondChance: null, p: null };
  const chance = mean(people.map(({ share, count }) => (share * (1 - share)) / count));
  const total = people.reduce((sum, { count }) => sum + count, 0);
  const pooled = people.reduce((sum, { correct }) => sum + correct, 0) / total;
  const statistic =
    people.reduce((sum, { share, count }) => sum + count * (share - pooled) ** 2, 0) / (pooled * (1 - pooled));
  return {
    people,
    mean: mean(values),
    standardDeviation: sd,
    beyondChance: Math.sqrt(Math.max(0, sd * sd - chance)),
    p: pooled === 0 || pooled === 1 ? 1 : chiSquareSurvival(statistic, people.length - 1),
  };
}
