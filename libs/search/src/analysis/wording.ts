/** How numbers are written in a check's sentences. */

/** Three significant digits, without trailing zeros: 0.00412, 12.3, 1.5e-5. */
export function showNumber(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  return size >= 1e6 || size < 1e-3 ? rounded.toExponential().replace('e+', 'e') : String(rounded);
}

/** A share in whole percent; a share that rounds to 0 or 100 % but is neither says so. */
export function showShare(share: number): string {
  const percent = Math.round(share * 100);
  if (percent === 0 && share > 0) return '< 1 %';
  if (percent === 100 && share < 1) return '> 99 %';
  return `${percent} %`;
}

/** `1 trial`, `3 trials`. */
export function showCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function showList(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** `340 ms`, `12 s`, `4.5 min`, `3.2 h`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${showNumber(ms / 1000)} s`;
  return ms < 3_600_000 ? `${showNumber(ms / 60_000)} min` : `${showNumber(ms / 3_600_000)} h`;
}
