/** Shows a download's progress: one line drawn over itself on a terminal, a line each tenth elsewhere. */
import type { DownloadProgress } from '@kinetune/data';
import { formatBytes } from './format.ts';
import { createScreen } from './screen.ts';
import { truncateText } from './text-width.ts';

export interface DownloadReporter extends Disposable {
  onProgress(progress: DownloadProgress): void;
}

export function createDownloadReporter(
  name: string,
  {
    stream,
    isQuiet,
    now,
  }: { readonly stream: NodeJS.WriteStream; readonly isQuiet: boolean; readonly now: () => number },
): DownloadReporter {
  if (isQuiet) return { onProgress: () => {}, [Symbol.dispose]: () => {} };
  const textOf = ({ receivedBytes, totalBytes }: DownloadProgress): string =>
    totalBytes === undefined
      ? `${name}: ${formatBytes(receivedBytes)}`
      : `${name}: ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}, ${Math.floor((100 * receivedBytes) / totalBytes)} %`;
  if (stream.isTTY) {
    const screen = createScreen(stream);
    let drawnAt = -Infinity;
    return {
      onProgress(progress) {
        const isDone = progress.receivedBytes === progress.totalBytes;
        if (now() - drawnAt < 100 && !isDone) return;
        drawnAt = now();
        screen.draw([truncateText(textOf(progress), Math.max(10, (stream.columns ?? 80) - 1))]);
      },
      [Symbol.dispose]: () => screen[Symbol.dispose](),
    };
  }
  let told = -1;
  return {
    onProgress(progress) {
      const { receivedBytes, totalBytes } = progress;
      const step =
        totalBytes === undefined ? Math.floor(receivedBytes / 5e6) : Math.floor((10 * receivedBytes) / totalBytes);
      if (step > told) stream.write(`${textOf(progress)}\n`);
      told = Math.max(told, step);
    },
    [Symbol.dispose]: () => {},
  };
}
