/**
 * Writing CSV by RFC 4180. Text that a spreadsheet would take for a formula (`=...`) is written as it is: a sign put before it would
 * be another value for every program that reads the file, and a minus begins a number as well. Import such a file as text.
 */

export type Cell = string | number | boolean | Date | null | undefined;

/** One record with its line end; what is missing or not finite is an empty cell. */
export function csvRecord(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = cell instanceof Date ? cell.toISOString() : String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
