import { textWidth } from './text-width.ts';

/** Breaks a text at spaces into lines of at most `width` columns; a word that is longer keeps a line of its own. */
export function wrapText(
  text: string,
  width: number,
  { first = '', rest = '  ' }: { readonly first?: string; readonly rest?: string } = {},
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!isEmpty && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
