/** A split: who, or at worst which windows, is in which part. A plain JSON value, kept as a study's manifest. */
import type { SplitSpec } from '@kinetune/study';

export const PARTS = ['train', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** Something about a split worth knowing before trusting a score on it. */
export interface SplitNote {
  readonly code: 'class-missing' | 'uneven-parts' | 'people-left-out';
  readonly message: string;
}

export interface Split {
  readonly kind: SplitSpec['kind'];
  /** What chance drew from; null where there was none to draw. */
  readonly seed: number | null;
  /** Which fold is the test fold; null for splits without folds. */
  readonly fold: number | null;
  readonly foldCount: number | null;
  /** People with windows in the part, in natural order. Disjoint, except for `random-windows`. */
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
  /** Window indices by part, ascending: `random-windows` only, because there people do not decide. */
  readonly windows: Readonly<Record<Part, readonly number[]>> | null;
  /** True for `random-windows`: its scores are inflated and every result on it says so. */
  readonly isLeaking: boolean;
  /** Windows of each class (in the order of `labels`) by part. */
  readonly classCounts: Readonly<Record<Part, readonly number[]>>;
  readonly notes: readonly SplitNote[];
  /** sha256 over kind, people and window indices: equal splits have equal hashes, however they were made. */
  readonly hash: string;
}
