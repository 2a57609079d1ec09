import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test sees it. */
export interface SeenRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export interface TestServer extends AsyncDisposable {
  /** Ends in `/`. */
  readonly baseUrl: string;
  readonly seen: readonly SeenRequest[];
}

/** A server on the loopback address; `answer` is told how many requests came before this one. */
export async function testServer(
  answer: (request: IncomingMessage, response: ServerResponse, index: number) => void,
): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    response.on('error', () => {});
    seen.push({
      url: request.url ?? '',
      range: request.headers.range,
      ifRange: request.headers['if-range'] as string | undefined,
    });
    answer(request, response, seen.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface RangeOptions {
  readonly etag?: string;
  readonly lastModified?: string;
  /** Breaks the connection after so many bytes of the body. */
  readonly cutAfter?: number | undefined;
}

/** Answers as a server that knows ranges does (RFC 9110, 14). */
export function sendWithRanges(
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  options: RangeOptions = {},
): void {
  const { etag, lastModified, cutAfter } = options;
  if (etag !== undefined) response.setHeader('etag', etag);
  if (lastModified !== undefined) response.setHeader('last-modified', lastModified);
  response.setHeader('accept-ranges', 'bytes');
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  const isHonoured = asked !== null && (condition === undefined || condition === etag || condition === lastModified);
  const start = isHonoured ? Number(asked[1]) : 0;
  if (isHonoured && start >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const piece = body.subarray(start);
  response.writeHead(isHonoured ? 206 : 200, {
    'content-length': piece.length,
    ...(isHonoured && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  if (cutAfter === undefined) response.end(piece);
  else response.write(piece.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 150));
}
