/** Text measured and cut in terminal columns, escape codes not counted. */
import { stripVTControlCharacters } from 'node:util';

// Our own output is Latin letters, digits and box or block characters: one column each. Names from data sets may hold
// combining marks (no column) or wide characters (two).
const combining = /\p{Mark}/u;
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** Columns a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** The text cut to at most `columns`, ending in `…` when something is missing. Escape codes stay balanced. */
export function truncateText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let cut = '';
  let width = 0;
  let hasEscapes = false;
  for (const [part] of text.matchAll(/\u001b\[[0-9;]*m|[^\u001b]/gu)) {
    if (part.startsWith('\u001b')) {
      cut += part;
      hasEscapes = true;
      continue;
    }
    if (width + characterWidth(part) > columns - 1) break;
    cut += part;
    width += characterWidth(part);
  }
  return `${cut}…${hasEscapes ? '\u001b[0m' : ''}`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - textWidth(text))) + text;
}

function characterWidth(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
