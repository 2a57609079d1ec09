import type { Styles } from '../terminal/styles.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import type { TrainerCheck } from './trainer-check.ts';

/** A check in a line, and where it did not hold what was expected, what came and what to do. */
export function renderCheck(
  { name, outcome, expected, came, advice }: TrainerCheck,
  { width, styles }: { readonly width: number; readonly styles: Styles },
): string[] {
  const paint = { pass: styles.good, caution: styles.warning, fail: styles.bad, skipped: styles.dim }[outcome];
  const word = outcome === 'fail' ? 'FAIL' : outcome;
  const indent = ' '.repeat(9);
  const [head = '', ...rest] = wrapText(`${name}: ${came}`, width, { first: indent, rest: indent });
  const more = [
    ...(outcome === 'fail' ? [`expected: ${expected}`] : []),
    ...(advice === null ? [] : [`do: ${advice}`]),
  ];
  return [
    paint(word) + ' '.repeat(9 - word.length) + head.slice(9),
    ...rest,
    ...more.flatMap((text) => wrapText(text, width, { first: indent, rest: `${indent}  ` })),
  ];
}
