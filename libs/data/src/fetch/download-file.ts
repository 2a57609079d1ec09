import { EnvironmentError } from '@kinetune/study';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { AttemptFailure, requestReason, systemCode, writeError } from './download-error.ts';
import { PartialDownload } from './partial-download.ts';
import type { PartialFacts } from './partial-download.ts';
import { contentRange, lengthOf, MAX_BACKOFF_MS, retryAfter, validatorOf } from './response-headers.ts';
import { Watchdog } from './watchdog.ts';

export interface DownloadProgress {
  readonly receivedBytes: number;
  /** undefined where the server does not say. */
  readonly totalBytes: number | undefined;
}

export interface DownloadOptions {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Attempts in a row that bring nothing before giving up; 5 unless stated. */
  readonly attempts?: number | undefined;
  /** Silence, in milliseconds, that ends an attempt; 30,000 unless stated. */
  readonly stallMs?: number | undefined;
  /** First wait between attempts in milliseconds, doubled each time; 1,000 unless stated. */
  readonly backoffMs?: number | undefined;
}

/**
 * Downloads to `<target>.part`, resuming what an earlier run left there, and retrying what the network breaks. The caller
 * checks the file and renames it.
 *
 * A resumed request carries If-Range with the strong ETag or the date that the first answer had (RFC 9110, 13.1.5), so a file
 * that changed meanwhile comes whole and replaces the part.
 * @returns the path of the part, complete by the server's own count
 * @throws EnvironmentError `download-refused`, `download-failed`, `disk-full`, `cannot-write`; the signal's reason when aborted
 */
export async function downloadFile(
  url: string,
  target: string,
  options: DownloadOptions = {},
): Promise<PartialDownload> {
  const { attempts = 5, backoffMs = 1_000, signal } = options;
  const part = new PartialDownload(target);
  let failures = 0;
  let best = 0;
  for (;;) {
    signal?.throwIfAborted();
    let received = 0;
    const onProgress = (progress: DownloadProgress): void => {
      received = progress.receivedBytes;
      options.onProgress?.(progress);
    };
    try {
      await attempt(url, part, { ...options, onProgress });
      return part;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof AttemptFailure)) throw error;
      if (!error.isRetryable)
        throw new EnvironmentError('download-refused', `${url}: ${error.message}`, { cause: error });
      // An attempt that got further than any before is progress, however it ended.
      failures = received > best ? 1 : failures + 1;
      best = Math.max(best, received);
      if (failures >= attempts) {
        throw new EnvironmentError(
          'download-failed',
          `${url}: gave up after ${attempts} attempts without progress, the last: ${error.message} What has come so far is kept; run the same command again to go on.`,
          { cause: error },
        );
      }
      await sleepFor(
        error.retryAfterMs ?? Math.min(MAX_BACKOFF_MS, backoffMs * 2 ** (failures - 1)),
        undefined,
        signal === undefined ? {} : { signal },
      ).catch(() => {}); // aborted while waiting: the loop throws the signal's own reason
    }
  }
}

async function attempt(url: string, part: PartialDownload, options: DownloadOptions): Promise<void> {
  const resumable = await part.resumable(url);
  using watchdog = new Watchdog(options.stallMs ?? 30_000, options.signal);
  const response = await request(url, resumable, watchdog);
  const range = response.status === 206 ? contentRange(response.headers.get('content-range')) : undefined;

  if (response.status === 416) {
    await response.body?.cancel();
    const total = contentRange(response.headers.get('content-range'))?.total ?? resumable?.facts.totalBytes;
    if (resumable !== undefined && total === resumable.bytes) return; // all of it had come already
    await part.discard();
    throw new AttemptFailure('the server refused to go on where the last download stopped; it starts again.', {
      isRetryable: true,
    });
  }
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel();
    const isRetryable = response.status >= 500 || response.status === 429 || response.status === 408;
    throw new AttemptFailure(
      `the server answered ${response.status}${response.statusText === '' ? '' : ` ${response.statusText}`}.`,
      { isRetryable, retryAfterMs: retryAfter(response) },
    );
  }
  const isResumed = response.status === 206 && resumable !== undefined && range?.start === resumable.bytes;
  if (response.status === 206 && !isResumed) {
    await response.body?.cancel();
    await part.discard();
    throw new AttemptFailure('the server sent another piece than the one asked for; it starts again.', {
      isRetryable: true,
    });
  }
  const facts: PartialFacts = {
    url,
    validator: validatorOf(response) ?? (isResumed ? resumable.facts.validator : undefined),
    totalBytes: isResumed ? (range?.total ?? resumable.facts.totalBytes) : lengthOf(response),
  };
  const startBytes = isResumed ? resumable.bytes : 0;
  const receivedBytes = await receive(response, part, { facts, startBytes, watchdog, onProgress: options.onProgress });
  if (facts.totalBytes !== undefined && receivedBytes !== facts.totalBytes) {
    if (receivedBytes > facts.totalBytes) await part.discard();
    throw new AttemptFailure(`expected ${facts.totalBytes} bytes, got ${receivedBytes}.`, { isRetryable: true });
  }
}

async function request(
  url: string,
  resumable: { readonly bytes: number; readonly facts: PartialFacts } | undefined,
  watchdog: Watchdog,
): Promise<Response> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (resumable?.facts.validator !== undefined) {
    headers['range'] = `bytes=${resumable.bytes}-`;
    headers['if-range'] = resumable.facts.validator;
  }
  try {
    return await fetch(url, { headers, signal: watchdog.signal, redirect: 'follow' });
  } catch (error) {
    throw networkFailure(error, watchdog);
  }
}

interface ReceiveOptions {
  readonly facts: PartialFacts;
  readonly startBytes: number;
  readonly watchdog: Watchdog;
  readonly onProgress: DownloadOptions['onProgress'];
}

/** Writes the body behind `startBytes`. @returns bytes in the file */
async function receive(
  response: Response,
  part: PartialDownload,
  { facts, startBytes, watchdog, onProgress }: ReceiveOptions,
): Promise<number> {
  let position = startBytes;
  await using handle = await part.open(facts, { isResumed: startBytes > 0 });
  onProgress?.({ receivedBytes: position, totalBytes: facts.totalBytes });
  const body: ReadableStream<Uint8Array> = response.body ?? new Blob([]).stream();
  const chunks = body.getReader();
  for (;;) {
    let chunk: { readonly done: boolean; readonly value?: Uint8Array | undefined };
    try {
      chunk = await chunks.read();
    } catch (error) {
      throw networkFailure(error, watchdog);
    }
    if (chunk.value === undefined) break;
    watchdog.feed();
    try {
      await handle.write(chunk.value, 0, chunk.value.length, position);
    } catch (error) {
      await chunks.cancel().catch(() => {});
      throw writeError(part.path, error);
    }
    position += chunk.value.length;
    onProgress?.({ receivedBytes: position, totalBytes: facts.totalBytes });
  }
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems and devices cannot sync; the bytes are checked afterwards anyway.
    if (systemCode(error) !== 'EINVAL') throw writeError(part.path, error);
  }
  return position;
}

function networkFailure(error: unknown, watchdog: Watchdog): AttemptFailure {
  if (watchdog.hasStalled) return new AttemptFailure('the server went silent.', { isRetryable: true, cause: error });
  const code = systemCode(error);
  const isOffline = code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENETUNREACH';
  const reason = requestReason(error);
  return new AttemptFailure(
    isOffline
      ? `the server cannot be reached (${reason}); is this machine online?`
      : `the connection broke (${reason}).`,
    { isRetryable: true, cause: error },
  );
}
