/**
 * Compares names as people count: '2' before '10', 'user9' before 'user10'. Equal only for equal strings. The order
 * decides folds, so it depends on no locale.
 */
export function naturalOrder(a: string, b: string): number {
  const partsOfA = a.match(/\d+|\D+/g) ?? [];
  const partsOfB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsOfA.length, partsOfB.length); i++) {
    const left = partsOfA[i] as string;
    const right = partsOfB[i] as string;
    if (left === right) continue;
    if (isDigits(left) && isDigits(right)) {
      const difference = BigInt(left) - BigInt(right);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
    } else return left < right ? -1 : 1;
  }
  if (partsOfA.length !== partsOfB.length) return partsOfA.length - partsOfB.length;
  // '01' and '1' count the same but are two names.
  return a < b ? -1 : a > b ? 1 : 0;
}

function isDigits(text: string): boolean {
  return text.charCodeAt(0) >= 48 && text.charCodeAt(0) <= 57;
}
