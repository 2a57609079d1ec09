import { expect, it } from 'vitest';
import { count, formatBytes, formatDuration, formatLoss, formatPercent, formatValue } from './format.ts';
import { padEnd, textWidth, truncateText } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

it.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [80_000, '1 min 20 s'],
  [7_500_000, '2 h 05 min'],
])('%i ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

it.each([
  [0.00302, '0.00302'],
  [3.02e-4, '3.02e-4'],
  [0.409, '0.409'],
  [128, '128'],
  [0, '0'],
  [1e-8, '1.00e-8'],
  ['cosine', 'cosine'],
  [true, 'true'],
])('the value %s is shown as %s', (value, text) => expect(formatValue(value)).toBe(text));

it('shows what is not finite as a dash, and counts in words', () => {
  expect([formatLoss(null), formatLoss(NaN), formatPercent(undefined), formatLoss(0.5)]).toEqual([
    '-',
    '-',
    '-',
    '0.5000',
  ]);
  expect([count(1, 'trial'), count(2, 'trial'), count(1234, 'person', 'people')]).toEqual([
    '1 trial',
    '2 trials',
    '1,234 people',
  ]);
  expect([formatBytes(999), formatBytes(27_600_000)]).toEqual(['999 B', '27.6 MB']);
});

it('measures and cuts text in columns, escape codes not counted', () => {
  const red = '\u001b[31mabcdef\u001b[39m';
  expect(textWidth(red)).toBe(6);
  expect(truncateText(red, 4)).toBe('\u001b[31mabc…\u001b[0m');
  expect(truncateText('abcdef', 6)).toBe('abcdef');
  expect(textWidth('被験者')).toBe(6);
  expect(padEnd('é', 3)).toBe('é  ');
});

it('wraps at spaces and keeps a long word whole', () => {
  expect(wrapText('one two three', 8)).toEqual(['one two', '  three']);
  expect(wrapText('https://example.org/a/long/address x', 10)).toEqual(
    ['', '  https://example.org/a/long/address', '  x']
      .slice(1)
      .map((line, index) => (index === 0 ? line.trim() : line)),
  );
});
