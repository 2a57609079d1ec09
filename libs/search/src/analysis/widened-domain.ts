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
  const reached = onGrid(domain, isUpper, Math.min(Math.max(beyond(domain, isUpper, by), lowest), highest));
  if (isUpper ? reached <= present : reached >= present) return null;
  return isUpper ? { ...domain, maximum: reached } : { ...domain, minimum: reached };
}

function beyond({ minimum, maximum, scale }: FloatDomain | IntDomain, isUpper: boolean, by: number): number {
  if (scale === 'log') {
    const factor = (maximum / minimum) ** by;
    return Number(showNumber(isUpper ? maximum * factor : minimum / factor));
  }
  const more = by * (maximum - minimum);
  return Number((isUpper ? maximum + more : minimum - more).toPrecision(6));
}

function legalEnds(domain: FloatDomain | IntDomain, legal: Domain | undefined): readonly [number, number] {
  if (legal !== undefined && legal.type !== 'categorical') return [legal.minimum, legal.maximum];
  const { minimum, maximum, type, scale } = domain;
  if (scale === 'log') return [type === 'int' ? 1 : Number.MIN_VALUE, Infinity];
  if (type === 'int') return [minimum >= 1 ? 1 : minimum >= 0 ? 0 : -Infinity, Infinity];
  // A share (dropout, momentum) stays one.
  return [minimum >= 0 ? 0 : -Infinity, minimum >= 0 && maximum <= 1 ? 1 : Infinity];
}

/** The end moved onto the grid that the other end starts, towards the inside. */
function onGrid({ type, minimum, maximum, step }: FloatDomain | IntDomain, isUpper: boolean, end: number): number {
  const size = step ?? (type === 'int' ? 1 : undefined);
  if (size === undefined) return end;
  const anchor = isUpper ? minimum : maximum;
  const steps = Math.floor(Math.abs(end - anchor) / size + 1e-9);
  return Number((isUpper ? anchor + steps * size : anchor - steps * size).toPrecision(12));
}
