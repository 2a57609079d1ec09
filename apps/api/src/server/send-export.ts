/**
 * `GET /exports/<study>?format=csv&what=trials`: what `kinetune export` writes, for all who may read. It is sent as it is read, trial
 * after trial: a snapshot of the embedded database would let nobody write until the slowest reader has it all.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findStudyByName } from '@kinetune/storage';
import { isStorableText } from '@kinetune/study';
import type { RequestHandler } from 'express';
import { EXPORTED } from '../exchange/export-csv.ts';
import { EXPORT_FORMATS, exportText } from '../exchange/export-text.ts';
import type { Context } from '../graphql/context.ts';
import type { Identity } from './authenticator.ts';

const TYPES = { csv: 'text/csv; charset=utf-8; header=present', json: 'application/json' } as const;

export function sendExport(contextOf: (identity: Identity) => Pick<Context, 'db'>): RequestHandler {
  return async (request, response) => {
    const { db } = contextOf(response.locals['identity'] as Identity);
    const format = EXPORT_FORMATS.find((one) => one === (request.query['format'] ?? 'csv'));
    const what = EXPORTED.find((one) => one === (request.query['what'] ?? (format === 'json' ? 'all' : 'trials')));
    if (format === undefined || what === undefined) {
      const expected = `format to be one of ${EXPORT_FORMATS.join(', ')}, and what one of ${EXPORTED.join(', ')}`;
      response.status(400).json({ code: 'bad-export', error: `expected ${expected}` });
      return;
    }
    const name = String(request.params['study']);
    const study = isStorableText(name) ? await findStudyByName(db, name) : undefined;
    if (study === undefined) {
      response
        .status(404)
        .json({ code: 'unknown-study', error: 'expected the name of a study: no study has this one' });
      return;
    }
    response.type(TYPES[format]);
    try {
      await pipeline(Readable.from(exportText(db, study, { format, what })), response);
    } catch (error) {
      if (!request.destroyed) throw error; // Who has left wants no more.
    }
  };
}
