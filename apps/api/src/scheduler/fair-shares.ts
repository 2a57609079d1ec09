/**
 * How slots are shared between studies: weighted max-min fairness. Slot after slot goes to the study that has the fewest for its
 * weight and still wants one, so that what one study does not want is the others'.
 */

export interface Claim {
  readonly studyId: string;
  /** Each step doubles the weight. */
  readonly priority: number;
  /** Trials that it could have running. */
  readonly wanted: number;
}

/** Slots of each study; of equals the earlier one in the list comes first. */
export function fairShares(claims: readonly Claim[], slots: number): ReadonlyMap<string, number> {
  const shares = new Map(claims.map(({ studyId }) => [studyId, 0]));
  for (let slot = 0; slot < slots; slot++) {
    const next = leastServed(
      claims
        .map((claim) => ({ ...claim, has: shares.get(claim.studyId) ?? 0 }))
        .filter(({ wanted, has }) => has < wanted),
    );
    if (next === undefined) break;
    shares.set(next.studyId, next.has + 1);
  }
  return shares;
}

/** The study that is to have the next slot. */
export function leastServed<Served extends { readonly priority: number; readonly has: number }>(
  studies: readonly Served[],
): Served | undefined {
  return inOrderOfNeed(studies)[0];
}

/** The studies that have the fewest slots for their weight first; equals stay in order. A study's next slot counts, so weight decides from the first one on. */
export function inOrderOfNeed<Served extends { readonly priority: number; readonly has: number }>(
  studies: readonly Served[],
): readonly Served[] {
  const served = ({ has, priority }: Served): number => (has + 1) / weightOf(priority);
  return studies.toSorted((a, b) => served(a) - served(b));
}

function weightOf(priority: number): number {
  return 2 ** priority;
}
