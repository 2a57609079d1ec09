import { expect, it } from 'vitest';
import { renderLossChart } from './loss-chart.ts';
import { textWidth } from './text-width.ts';

const curve = (values: readonly (number | null)[]) => values.map((value, index) => ({ epoch: index + 1, value }));

it('draws both losses with axes, and marks the best epoch', () => {
  const lines = renderLossChart(
    { train: curve([2, 1, 0.5, 0.25]), validation: curve([2, 1.5, 1.25, 1.5]), bestEpoch: 3 },
    { width: 40, height: 5, hasUnicode: false },
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "   2 |@@@ooo
         |   ...@@@oooooooooooo ooooooooooo
         |         .......     o
     0.5 |                ................
       0 |                                .
         +---------------------------------
          1               3               4
                               ^ best, epoch
          loss (mean cross-entropy, nats) ov"
  `);
});

it('breaks a line where a loss is not finite', () => {
  const whole = renderLossChart({ train: curve([1, 1, 1]), validation: [] }, { width: 40, hasUnicode: false });
  const broken = renderLossChart({ train: curve([1, null, 1]), validation: [] }, { width: 40, hasUnicode: false });
  const marks = (lines: readonly string[]): number => lines.slice(0, -1).join('').split('.').length;
  expect(marks(broken)).toBeLessThan(marks(whole) / 4);
});

it('is empty without a finite loss, and never wider than asked for', () => {
  expect(renderLossChart({ train: curve([null]), validation: [] }, { width: 80, hasUnicode: true })).toEqual([]);
  for (const width of [20, 40, 80, 200]) {
    const lines = renderLossChart({ train: curve([2, 1]), validation: curve([2, 1]) }, { width, hasUnicode: true });
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
  }
});

it('draws a single epoch', () => {
  expect(
    renderLossChart({ train: curve([1]), validation: curve([1.2]) }, { width: 60, hasUnicode: true }).length,
  ).toBeGreaterThan(5);
});
