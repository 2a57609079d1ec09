/** Draws frames over each other at the bottom of a terminal, with ordinary lines scrolling above them. */

export interface Screen extends Disposable {
  /** Shows the frame's lines; they must not be wider than the terminal. */
  draw(lines: readonly string[]): void;
  /** Prints a line above the frame, for good. */
  print(text: string): void;
  /** Takes the frame away. */
  clear(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_DOWN = '\u001b[0J';

/** A screen on a terminal's stream. Disposing shows the cursor again and takes the frame away. */
export function createScreen(stream: Pick<NodeJS.WriteStream, 'write'>): Screen {
  let frame: readonly string[] = [];
  let isHidden = false;
  const toTop = (): string => (frame.length === 0 ? '' : `\u001b[${frame.length}A`) + `\r${ERASE_DOWN}`;
  const show = (): void => {
    if (isHidden) stream.write(SHOW_CURSOR);
    isHidden = false;
  };
  // A process that ends without disposing (a mistake of ours) must not leave the terminal without its cursor.
  process.once('exit', show);
  return {
    draw(lines) {
      const start = isHidden ? '' : HIDE_CURSOR;
      isHidden = true;
      stream.write(start + toTop() + lines.map((line) => `${line}\n`).join(''));
      frame = lines;
    },
    print(text) {
      stream.write(`${toTop()}${text}\n${frame.map((line) => `${line}\n`).join('')}`);
    },
    clear() {
      if (frame.length > 0) stream.write(toTop());
      frame = [];
    },
    [Symbol.dispose]() {
      if (frame.length > 0) stream.write(toTop());
      frame = [];
      show();
      process.off('exit', show);
    },
  };
}
