/** Shows a running study: bars where there is a terminal, plain lines elsewhere, nothing when asked to be quiet. */
import type { RunEvent } from '../agent/run-event.ts';
import { hasUnicode } from './has-unicode.ts';
import { plainLine } from './plain-lines.ts';
import { renderRunFrame } from './run-frame.ts';
import { updateRunView, type RunView } from './run-view.ts';
import { createScreen } from './screen.ts';
import type { Styles } from './styles.ts';

export interface RunReporter extends Disposable {
  onEvent(event: RunEvent): void;
}

export interface RunReporterOptions {
  readonly stream: NodeJS.WriteStream;
  readonly styles: Styles;
  readonly isQuiet: boolean;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** At most ten frames a second: more is flicker and cost. */
const FRAME_MS = 100;

export function createRunReporter(start: RunView, options: RunReporterOptions): RunReporter {
  if (options.isQuiet) return { onEvent: () => {}, [Symbol.dispose]: () => {} };
  return options.stream.isTTY ? createBars(start, options) : createLines(start, options);
}

function createLines(start: RunView, { stream, now }: RunReporterOptions): RunReporter {
  let view = start;
  return {
    onEvent(event) {
      const before = view;
      view = updateRunView(view, event, now());
      const line = plainLine(event, { before, after: view, nowMs: now() });
      if (line !== undefined) stream.write(`${line}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}

function createBars(start: RunView, { stream, styles, now }: RunReporterOptions): RunReporter {
  let view = start;
  const screen = createScreen(stream);
  const draw = (): void =>
    screen.draw(
      renderRunFrame(view, {
        columns: stream.columns ?? 80,
        rows: stream.rows ?? 24,
        nowMs: now(),
        styles,
        hasUnicode: hasUnicode(),
      }),
    );
  draw();
  let isDirty = false;
  const timer = setInterval(() => {
    if (isDirty) draw();
    isDirty = false;
  }, FRAME_MS);
  // The remaining time moves on its own.
  const clock = setInterval(() => (isDirty = true), 1000);
  const onResize = (): void => void (isDirty = true);
  stream.on('resize', onResize);
  return {
    onEvent(event) {
      const before = view;
      view = updateRunView(view, event, now());
      isDirty = true;
      // What stays in the scrollback: ends, retries, stops. The rest is the bars' to show.
      if (event.type === 'trial-ended' || event.type === 'trial-requeued' || event.type === 'trial-stopped') {
        const line = plainLine(event, { before, after: view, nowMs: now() }) ?? '';
        const paint =
          event.type === 'trial-ended' && event.state === 'COMPLETED'
            ? styles.dim
            : event.type === 'trial-ended' && event.state === 'FAILED'
              ? styles.bad
              : styles.warning;
        screen.print(paint(line));
        draw();
      }
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      clearInterval(clock);
      stream.off('resize', onResize);
      screen[Symbol.dispose]();
    },
  };
}
