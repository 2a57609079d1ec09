/** Loss over epochs as characters: train and validation loss of one trial, with axes. */
import { formatValue } from './format.ts';
import { padStart, textWidth } from './text-width.ts';

/** A point of a curve; a null breaks the line. */
export interface CurvePoint {
  readonly epoch: number;
  readonly value: number | null;
}

export interface LossChartData {
  readonly train: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
  /** Epoch of the best checkpoint, marked under the axis. */
  readonly bestEpoch?: number | undefined;
}

export interface LossChartOptions {
  readonly width: number;
  readonly height?: number;
  readonly hasUnicode: boolean;
}

/** Lines of the chart, each at most `width` columns; empty when there is nothing to draw. */
export function renderLossChart(data: LossChartData, { width, height = 10, hasUnicode }: LossChartOptions): string[] {
  const values = [...data.train, ...data.validation].flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return [];
  const epochs = [...data.train, ...data.validation].map(({ epoch }) => epoch);
  const marks = hasUnicode
    ? { train: '•', validation: '○', both: '◉', vertical: '│', corner: '└', horizontal: '─', tick: '┤', best: '▲' }
    : { train: '.', validation: 'o', both: '@', vertical: '|', corner: '+', horizontal: '-', tick: '|', best: '^' };

  const low = Math.min(...values, 0);
  const high = niceCeiling(Math.max(...values));
  const labels = Array.from({ length: height }, (_, row) =>
    row % 3 === 0 || row === height - 1 ? formatValue(high - ((high - low) * row) / (height - 1)) : '',
  );
  const labelWidth = Math.max(...labels.map(textWidth));
  const plotWidth = Math.max(10, Math.min(72, width - labelWidth - 4));
  const first = Math.min(...epochs);
  const last = Math.max(...epochs, first + 1);
  const columnOf = (epoch: number): number => Math.round(((epoch - first) / (last - first)) * (plotWidth - 1));
  const rowOf = (value: number): number => Math.round(((high - value) / (high - low)) * (height - 1));

  const grid = Array.from({ length: height }, () => Array.from({ length: plotWidth }, () => ' '));
  const plot = (points: readonly CurvePoint[], mark: string): void => {
    for (const [column, value] of interpolate(points, columnOf)) {
      const row = grid[rowOf(value)] as string[];
      row[column] = row[column] === ' ' || row[column] === mark ? mark : marks.both;
    }
  };
  plot(data.train, marks.train);
  plot(data.validation, marks.validation);

  const lines = grid.map((row, index) => {
    const label = labels[index] as string;
    return ` ${padStart(label, labelWidth)} ${label === '' ? marks.vertical : marks.tick}${row.join('').trimEnd()}`;
  });
  const margin = ' '.repeat(labelWidth + 2);
  lines.push(`${margin}${marks.corner}${marks.horizontal.repeat(plotWidth)}`);
  lines.push(axisLine(margin.length + 1, plotWidth, { first, last }));
  const legend = `${marks.train} train  ${marks.validation} validation`;
  if (data.bestEpoch !== undefined) {
    const column = margin.length + 1 + columnOf(data.bestEpoch);
    lines.push(`${' '.repeat(column)}${marks.best} best, epoch ${formatValue(data.bestEpoch)}`);
  }
  lines.push(`${margin} loss (mean cross-entropy, nats) over epochs:  ${legend}`);
  return lines.map((line) => (textWidth(line) > width ? line.slice(0, width) : line));
}

/** A value for each column between a curve's points, by straight lines; nothing across a null. */
function interpolate(points: readonly CurvePoint[], columnOf: (epoch: number) => number): Map<number, number> {
  const columns = new Map<number, number>();
  let previous: { column: number; value: number } | undefined;
  for (const { epoch, value } of points) {
    if (value === null) {
      previous = undefined;
      continue;
    }
    const column = columnOf(epoch);
    if (previous !== undefined) {
      for (let between = previous.column + 1; between < column; between++) {
        const share = (between - previous.column) / (column - previous.column);
        columns.set(between, previous.value + (value - previous.value) * share);
      }
    }
    columns.set(column, value);
    previous = { column, value };
  }
  return columns;
}

function axisLine(margin: number, width: number, { first, last }: { first: number; last: number }): string {
  const middle = formatValue(Math.round((first + last) / 2));
  const end = formatValue(last);
  const start = formatValue(first);
  const half = Math.floor(width / 2) - Math.floor(middle.length / 2);
  let line = ' '.repeat(margin) + start;
  line = line.padEnd(margin + half) + middle;
  return line.padEnd(margin + width - end.length) + end;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
