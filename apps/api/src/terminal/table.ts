/** A table for a terminal: columns as wide as their longest cell, two spaces between. */
import { padEnd, padStart, textWidth, truncateText } from './text-width.ts';

export interface Column {
  readonly title: string;
  /** Numbers are set to the right. */
  readonly align?: 'left' | 'right';
}

/** Lines of a table; each at most `width` columns. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  {
    width,
    indent = '  ',
    title = (text) => text,
  }: { width: number; indent?: string; title?: (text: string) => string },
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const cellWidth = widths[index] as number;
        return columns[index]?.align === 'right' ? padStart(cell, cellWidth) : padEnd(cell, cellWidth);
      })
      .join('  ')
      .trimEnd();
  return [title(line(columns.map((column) => column.title))), ...rows.map(line)].map((text) =>
    truncateText(indent + text, width),
  );
}
