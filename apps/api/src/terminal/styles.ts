/** Colour and boldness, or nothing at all: NO_COLOR, --no-color, a pipe. Colour is never the only mark. */
import { styleText } from 'node:util';

export interface Styles {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly accent: (text: string) => string;
}

const plain = (text: string): string => text;

export const plainStyles: Styles = {
  bold: plain,
  dim: plain,
  good: plain,
  warning: plain,
  bad: plain,
  accent: plain,
};

const paint =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

export const colourStyles: Styles = {
  bold: paint('bold'),
  dim: paint('dim'),
  good: paint('green'),
  warning: paint('yellow'),
  bad: paint('red'),
  accent: paint('cyan'),
};

/** Colours for a stream, by the customs of https://no-color.org: NO_COLOR wins over FORCE_COLOR, a flag over both. */
export function stylesFor(
  stream: { readonly isTTY?: boolean },
  { isColourOff = false, environment = process.env }: { isColourOff?: boolean; environment?: NodeJS.ProcessEnv } = {},
): Styles {
  if (isColourOff || (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb') return plainStyles;
  const isForced = (environment.FORCE_COLOR ?? '') !== '' && environment.FORCE_COLOR !== '0';
  return stream.isTTY === true || isForced ? colourStyles : plainStyles;
}
