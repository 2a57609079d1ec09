/** What a download reads from an answer's headers (RFC 9110). */

export const MAX_BACKOFF_MS = 30_000;

/** `bytes 100-199/200`, or `bytes * /200` of a refused range. */
export function contentRange(
  header: string | null,
): { readonly start: number | undefined; readonly total: number | undefined } | undefined {
  const parts = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header ?? '');
  if (parts === null) return undefined;
  return {
    start: parts[1] === undefined ? undefined : Number(parts[1]),
    total: parts[2] === '*' ? undefined : Number(parts[2]),
  };
}

/** If-Range takes strong validators only. */
export function validatorOf(response: Response): string | undefined {
  const etag = response.headers.get('etag');
  if (etag !== null && !etag.startsWith('W/')) return etag;
  return response.headers.get('last-modified') ?? undefined;
}

/** Bytes of the body; undefined where the server does not say. */
export function lengthOf(response: Response): number | undefined {
  const header = response.headers.get('content-length');
  // Of a body that the client decodes, the length says nothing.
  return header === null || response.headers.has('content-encoding') ? undefined : Number(header);
}

/** Milliseconds that the server asks to wait, at most half a minute; only the form in seconds is read. */
export function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return seconds >= 0 ? Math.min(MAX_BACKOFF_MS, seconds * 1_000) : undefined;
}
