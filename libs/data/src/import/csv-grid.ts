import type { Segment } from '../recording.ts';
import type { CsvTable } from './csv-table.ts';
import { linearGrid } from './linear-grid.ts';
import type { LinearGrid } from './linear-grid.ts';

/** The even grid that some rows of a table are put on; without a time column the rows are the grid. */
export function gridOf(table: CsvTable, rows: readonly number[], sampleRateHz: number): LinearGrid {
  const { times } = table;
  return linearGrid(
    times === undefined ? rows.map((_, index) => index / sampleRateHz) : rows.map((row) => times[row] as number),
    sampleRateHz,
  );
}

/** The channels at the grid's samples, in our units. [N, C] */
export function sampleGrid(
  table: CsvTable,
  rows: readonly number[],
  { grid, factors }: { readonly grid: LinearGrid; readonly factors: readonly number[] },
): Float32Array {
  const columns = factors.length;
  const samples = new Float32Array(grid.left.length * columns);
  for (let n = 0; n < grid.left.length; n++) {
    const left = grid.left[n] as number;
    const weight = grid.weight[n] as number;
    const a = (rows[left] as number) * columns;
    const b = (rows[Math.min(left + 1, rows.length - 1)] as number) * columns;
    for (let c = 0; c < columns; c++) {
      const value =
        (1 - weight) * (table.values[a + c] as number) + (weight === 0 ? 0 : weight * (table.values[b + c] as number));
      samples[n * columns + c] = value * (factors[c] as number);
    }
  }
  return samples;
}

/** Each grid sample has the label of the nearest row. */
export function segmentsOf(
  table: CsvTable,
  rows: readonly number[],
  { grid, labels }: { readonly grid: LinearGrid; readonly labels: readonly string[] },
): Segment[] {
  const index = new Map(labels.map((label, position) => [label, position]));
  const segments: Segment[] = [];
  let open: Segment | undefined;
  for (let n = 0; n < grid.left.length; n++) {
    const nearest = (grid.left[n] as number) + ((grid.weight[n] as number) > 0.5 ? 1 : 0);
    const label = index.get(table.labels[rows[nearest] as number] as string);
    if (open !== undefined && open.label !== label) {
      segments.push(open);
      open = undefined;
    }
    if (label !== undefined) open = { start: open?.start ?? n, end: n + 1, label };
  }
  if (open !== undefined) segments.push(open);
  return segments;
}
