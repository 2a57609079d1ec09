/** How a line of a CSV falls into cells (RFC 4180, without line ends inside of cells). */

/** The delimiter that the header holds most of. */
export function guessDelimiter(header: string): string {
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/**
 * The cells of a line, not trimmed. Double quotes around a cell keep a delimiter in it, two of them inside stand for one; a
 * quote further on in a cell is a letter like any other.
 * @returns undefined where a quote is not closed on the line
 */
export function splitCells(text: string, delimiter: string): readonly string[] | undefined {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"' && isQuoted) {
      if (text[i + 1] === '"') cell += text[++i] ?? '';
      else isQuoted = false;
    } else if (c === '"' && cell.trim() === '') {
      isQuoted = true;
      cell = '';
    } else if (c === delimiter && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  cells.push(cell);
  return isQuoted ? undefined : cells;
}

const SHOWN_COLUMNS = 12;

/** Column names for a message, which stays readable whatever the header is. */
export function shownColumns(header: readonly string[]): string {
  const shown = header.slice(0, SHOWN_COLUMNS).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  return shown.join(', ') + (header.length > SHOWN_COLUMNS ? ` and ${header.length - SHOWN_COLUMNS} more` : '');
}
