/** A range made wider at one edge, for the study after a boundary check. */
import type { Domain, FloatDomain, IntDomain } from '@kinetune/study';
import { showNumber } from './wording.ts';

export interface WidenOptions {
  /** By how much of the present width, in the domain's own scale: 0.5 adds half the decades of a log range. */
  readonly by: number;
  /** What is legal at all; unless stated, a range that lies above zero, within 0 to 1, or above one stays there. */
  readonly legal?: Domain | undefined;
}

/** The wider domain; null where the edge is already as far as is legal, and for a choice. */
export function widenedDomain(domain: Domain, edge: 'lower' | 'upper', { by, legal }: WidenOptions): Domain | null {
  if (domain.type === 'categorical') return null;
  const [lowest, highest] = legalEnds(domain, legal);
  const isUpper = edge === 'upper';
  const present = isUpper ? domain.maximum : domain.minimum;
  const reached = onGrid(domain, Math.min(Math.max(beyond(domain, isUpper, by), lowest), highest));
  if (isUpper ? reached <= present : reached >= present) return null;
  return isUpper ? { ...domain, maximum: reached } : { ...domain, minimum: reached };
}

function beyond(domain: FloatDomain | IntDomain, isUpper: boolean, by: number): number {
  const { minimum, maximum, scale } = domain;
  // Of a grid one value more at least.
  const step = stepOf(domain) ?? 0;
  if (scale === 'log') {
    const factor = (maximum / minimum) ** by;
    const end = Number(showNumber(isUpper ? maximum * factor : minimum / factor));
    return isUpper ? Math.max(end, maximum + step) : Math.min(end, minimum - step);
  }
  const more = Math.max(by * (maximum - minimum), step);
  const end = isUpper ? maximum + more : minimum - more;
  return step === 0 ? Number(end.toPrecision(12)) : end;
}

function legalEnds(domain: FloatDomain | IntDomain, legal: Domain | undefined): readonly [number, number] {
  if (legal !== undefined && legal.type !== 'categorical') return [legal.minimum, legal.maximum];
  const { minimum, maximum, type, scale } = domain;
  if (scale === 'log') return type === 'int' ? [1, Number.MAX_SAFE_INTEGER] : [Number.MIN_VALUE, Infinity];
  if (type === 'int') return [minimum >= 1 ? 1 : minimum >= 0 ? 0 : -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  // A share (dropout, momentum) stays one.
  return [minimum >= 0 ? 0 : -Infinity, minimum >= 0 && maximum <= 1 ? 1 : Infinity];
}

/** The end moved inside onto the present grid, so that what was tried stays in it. */
function onGrid(domain: FloatDomain | IntDomain, end: number): number {
  const step = stepOf(domain);
  if (step === undefined) return end;
  const { minimum, type } = domain;
  const moved = minimum + Math.trunc((end - minimum) / step + Math.sign(end - minimum) * 1e-9) * step;
  return type === 'int' ? moved : Number(moved.toPrecision(12));
}

function stepOf({ type, step }: FloatDomain | IntDomain): number | undefined {
  return step ?? (type === 'int' ? 1 : undefined);
}
