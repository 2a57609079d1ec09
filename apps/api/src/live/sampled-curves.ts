/**
 * Thinned curves, kept in memory for trials that have ended: their curves do not change any more, and a dashboard asks for the same
 * ones again and again.
 */
import { readSampledCurves, type Database, type SampledCurve } from '@kinetune/storage';

export interface CurveOptions {
  /** Of the metric among the study's, from 0. */
  readonly position: number;
  readonly points: number;
}

/** Numbers that are kept for one database, of 8 bytes each: 64 MiB. */
const MOST_NUMBERS = 8 * 1024 * 1024;

interface Kept {
  /** The one that was used longest ago comes first. */
  readonly curves: Map<string, SampledCurve>;
  numbers: number;
}

const keptOf = new WeakMap<Database, Kept>();

/** One curve a trial, by trial; a trial that does not exist is missing. */
export async function sampledCurves(
  db: Database,
  trialIds: readonly string[],
  { position, points }: CurveOptions,
): Promise<ReadonlyMap<string, SampledCurve>> {
  const kept = keptOf.get(db) ?? { curves: new Map<string, SampledCurve>(), numbers: 0 };
  keptOf.set(db, kept);
  const keyOf = (id: string): string => `${id} ${position} ${points}`;
  const found = new Map<string, SampledCurve>();
  for (const id of trialIds) {
    const curve = kept.curves.get(keyOf(id));
    if (curve === undefined) continue;
    found.set(id, curve);
    kept.curves.delete(keyOf(id));
    kept.curves.set(keyOf(id), curve);
  }
  const missing = trialIds.filter((id) => !found.has(id));
  for (const [id, curve] of await readSampledCurves(db, missing, { position, points })) {
    found.set(id, curve);
    if (curve.isFinal) keep(kept, keyOf(id), curve);
  }
  return found;
}

function keep(kept: Kept, key: string, curve: SampledCurve): void {
  // Two that asked at once both read it.
  kept.numbers -= sizeOf(kept.curves.get(key));
  kept.curves.set(key, curve);
  kept.numbers += sizeOf(curve);
  for (const [oldest, one] of kept.curves) {
    if (kept.numbers <= MOST_NUMBERS) return;
    kept.curves.delete(oldest);
    kept.numbers -= sizeOf(one);
  }
}

function sizeOf(curve: SampledCurve | undefined): number {
  return curve === undefined ? 0 : 3 * curve.steps.length;
}
