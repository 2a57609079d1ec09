/** What the server answers over HTTP: who is let in, how much each may ask for at once, and what is noted of it. */
import { randomUUID } from 'node:crypto';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { InputError } from '@kinetune/study';
import { GraphQLError } from 'graphql';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Context } from '../graphql/context.ts';
import { refusalOfRequest, type HostRules } from './allowed-hosts.ts';
import type { Authenticator, Identity } from './authenticator.ts';
import { maskError, type ErrorLog } from './mask-error.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Readiness } from './readiness.ts';
import { sendExport } from './send-export.ts';
import { receiveUpload, UPLOAD_LIMITS } from './uploads.ts';

export interface AppOptions {
  readonly home: string;
  readonly apollo: ApolloServer<Context>;
  readonly contextOf: (identity: Identity) => Context;
  readonly authenticator: Authenticator;
  readonly rules: HostRules;
  readonly limits: RateLimits;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly log: Logger;
  readonly onError: ErrorLog;
  readonly bodyBytes: number;
  /** From a request to its answer. */
  readonly answerMs: number;
}

/** Nothing here is a page: nothing may be loaded by it, nothing may frame it. */
const HEADERS = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  // Whoever puts TLS in front says so there: from here it would forbid plain HTTP to a name such as localhost.
  strictTransportSecurity: false,
});

export function createApp(options: AppOptions): Express {
  const { apollo, contextOf, authenticator, rules, limits, metrics, readiness, log, onError, bodyBytes } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(noteRequests(metrics, log), HEADERS);
  app.use((request, response, next) => {
    const refusal = refusalOfRequest(request, rules);
    if (refusal === undefined) return next();
    metrics.refusals.inc({ reason: 'host-or-origin' });
    response.status(403).json({ error: refusal });
  });
  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_, response) => {
    const refusal = await readiness.refusal();
    response.status(refusal === undefined ? 200 : 503).json({ status: refusal ?? 'ready' });
  });

  const authenticate: RequestHandler = async (request, response, next) => {
    try {
      const identity = await authenticator.identify(request, request.headers.authorization);
      response.locals['identity'] = identity;
      response.locals['viewer'] = identity.viewer.name;
      return next();
    } catch (error) {
      if (!(error instanceof GraphQLError)) return refuse(response, error, onError);
      metrics.refusals.inc({ reason: 'unauthenticated' });
      const refusal = await limits.countFailure(request.socket.remoteAddress ?? '').then(
        () => error,
        (limited: unknown) => limited,
      );
      refuse(response, refusal, onError);
    }
  };
  app.get('/metrics', authenticate, async (_, response) => {
    response.type(metrics.contentType).send(await metrics.read());
  });
  app.use(
    '/graphql',
    authenticate, // Before the body is read: a stranger's is not.
    answerInTime(options.answerMs),
    express.json({ limit: bodyBytes }),
    expressMiddleware(apollo, { context: async ({ res }) => contextOf(res.locals['identity'] as Identity) }),
  );
  app.post('/uploads', authenticate, takeUpload(options));
  app.get('/exports/:study', authenticate, sendExport(contextOf));
  app.use(
    (_, response) =>
      void response
        .status(404)
        .json({ error: 'expected /graphql, /uploads, /exports/<study>, /healthz, /readyz or /metrics' }),
  );
  app.use(answerErrors(onError));
  return app;
}

/** One line and one measurement a request, with a number that its answer carries too. Paths without their query: it may hold anything. */
function noteRequests({ http }: Metrics, log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const { method, path } = request;
    response.setHeader('x-request-id', requestId);
    response.once('close', () => {
      const { statusCode: status, locals } = response;
      const durationMs = performance.now() - startedAt;
      const route = KNOWN_ROUTES.includes(path) ? path : 'other';
      http.observe({ method: KNOWN_METHODS.includes(method) ? method : 'other', route, status }, durationMs / 1000);
      const isProbe = !['/graphql', '/uploads'].includes(route) && status < 400;
      const entry = {
        requestId,
        method,
        path: path.slice(0, 200),
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        address: request.socket.remoteAddress,
        viewer: locals['viewer'] as unknown,
        ...(response.writableFinished ? {} : { isAborted: true }),
      };
      log[status >= 500 ? 'error' : status >= 400 ? 'warn' : isProbe ? 'debug' : 'info'](entry, 'request');
    });
    next();
  };
}

const KNOWN_ROUTES = ['/graphql', '/uploads', '/healthz', '/readyz', '/metrics'];
const KNOWN_METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS'];

/** A file for `importDataset`, from an editor. */
function takeUpload({ home, metrics, onError }: AppOptions): RequestHandler {
  return async (request, response) => {
    const { viewer } = response.locals['identity'] as Identity;
    const name = request.headers['x-file-name'];
    if (viewer.role !== 'editor') {
      metrics.refusals.inc({ reason: 'forbidden' });
      response.status(403).json({ error: `expected a token of the role editor, got one of the role ${viewer.role}` });
      return;
    }
    if (typeof name !== 'string') {
      response
        .status(400)
        .json({ error: 'expected the name of the file in the header x-file-name, encoded as in a URL' });
      return;
    }
    try {
      const uploaded = await receiveUpload(home, { name: decoded(name), body: request, limits: UPLOAD_LIMITS });
      response.status(201).json(uploaded);
    } catch (error) {
      if (request.destroyed && !request.complete) return; // Nobody is there to be answered.
      if (!(error instanceof InputError)) return refuse(response, error, onError);
      // What is left of the body is not read.
      response.setHeader('connection', 'close');
      response.status(UPLOAD_STATUS[error.code] ?? 400).json({ error: error.message, code: error.code });
    }
  };
}

const UPLOAD_STATUS: Readonly<Record<string, number>> = { 'upload-too-large': 413, 'upload-quota': 507 };

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function answerInTime(answerMs: number): RequestHandler {
  return (_, response, next) => {
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      const error = new GraphQLError(
        `expected an operation that ends within ${answerMs / 1000} s: ask for less at once`,
        { extensions: { code: 'TIMEOUT', http: { status: 503 } } },
      );
      refuse(response, error, () => {});
    }, answerMs);
    response.once('close', () => clearTimeout(timer));
    next();
  };
}

/** The form that GraphQL clients read, with the status that the error asks for. */
function refuse(response: Response, error: unknown, onError: ErrorLog): void {
  const isOurs = error instanceof GraphQLError;
  const formatted = isOurs ? error.toJSON() : { message: 'an unexpected error of the server' };
  const http = isOurs ? (error.extensions['http'] as { status: number; headers?: Map<string, string> }) : undefined;
  for (const [name, value] of http?.headers ?? []) response.setHeader(name, value);
  if (http?.status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.status(http?.status ?? 503).json({ errors: [maskError(error, formatted, onError)] });
}

/** What is wrong with a body is said; our own mistakes are not, and no trace is shown. */
function answerErrors(onError: ErrorLog): ErrorRequestHandler {
  return (error: unknown, _, response, next) => {
    if (response.headersSent) return next(error);
    const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
    if (status >= 400 && status < 500) {
      const what = BODY_PROBLEMS[status] ?? 'a request that can be read';
      response.status(status).json({ error: `expected ${what}` });
      return;
    }
    refuse(response, error, onError);
  };
}

const BODY_PROBLEMS: Readonly<Record<number, string>> = {
  400: 'a body of JSON, and a path that can be decoded',
  413: 'a smaller body: the most is 1 MB',
  415: 'a body in UTF-8',
};
