/**
 * How many optional parts a configuration uses (Deep Learning Tuning Playbook, "Choosing the initial configuration" and "Determining
 * whether to adopt ..."; practices 18, 26, 75). Ours: a part is a regulariser or an augmentation that is on, a schedule other than
 * a constant rate, a warm-up, or gradient clipping. How strong it is does not count: an optional part is one more thing to keep.
 */
import { parseName, type HyperparameterValue, type Kind, type Values } from '@kinetune/study';

/** Leaf names that are parts though their kind also holds settings of other parts. */
const PARTS_BY_NAME: readonly string[] = ['schedule', 'warmupEpochs', 'warmupSteps', 'clipNorm'];
const PART_KINDS: readonly Kind[] = ['regulariser', 'augmentation'];
/** Values that switch a part off. */
const OFF: ReadonlySet<HyperparameterValue> = new Set<HyperparameterValue>([0, false, 'none', 'off', 'constant']);
/** Off at another value. */
const OFF_BY_NAME: Readonly<Record<string, HyperparameterValue>> = { permutationPieces: 1 };

export interface ConfigurationShape {
  /** Every value that training used, by full or leaf name, fixed ones included. */
  readonly values: Values;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** Trainable weights, where known. */
  readonly weightCount?: number | null;
}

export interface Complexity {
  /** Leaf names of the parts that are on, in the order of the values. */
  readonly parts: readonly string[];
  readonly weightCount: number | null;
}

export interface ComplexityDelta {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Added minus removed. */
  readonly parts: number;
  /** Candidate's weights over the baseline's; null where one is not known. */
  readonly weightRatio: number | null;
}

export function complexityOf({ values, kinds, weightCount = null }: ConfigurationShape): Complexity {
  const parts = Object.entries(values).flatMap(([name, value]) => {
    const { leaf } = parseName(name);
    const kind = kinds[name] ?? kinds[leaf];
    const isPart = PARTS_BY_NAME.includes(leaf) || (kind !== undefined && PART_KINDS.includes(kind));
    const isOff = Object.hasOwn(OFF_BY_NAME, leaf) ? OFF_BY_NAME[leaf] === value : OFF.has(value);
    return isPart && !isOff ? [leaf] : [];
  });
  return { parts: [...new Set(parts)], weightCount };
}

export function complexityDelta(candidate: ConfigurationShape, baseline: ConfigurationShape): ComplexityDelta {
  const [after, before] = [complexityOf(candidate), complexityOf(baseline)];
  const added = after.parts.filter((part) => !before.parts.includes(part));
  const removed = before.parts.filter((part) => !after.parts.includes(part));
  const weightRatio =
    after.weightCount === null || before.weightCount === null || before.weightCount === 0
      ? null
      : after.weightCount / before.weightCount;
  return { added, removed, parts: added.length - removed.length, weightRatio };
}
