import { createHash } from 'node:crypto';
import { invariant } from '@kinetune/study';
import type { Dataset } from '../recording.ts';

/** Raise when an importer changes what it makes of the same bytes: cached windows of the older one are then not used. */
export const IMPORTER_VERSION = 1;

/**
 * What identifies an import: the source's bytes, the options that change what is made of them, and the importer's version.
 * @param sourceSha256 hex, see `FileSource.sha256`
 */
export function importContentHash(sourceSha256: string, kind: string, options: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify({ importer: IMPORTER_VERSION, kind, options: options ?? {}, source: sourceSha256 }))
    .digest('hex');
}

/** Holds the rules that every importer keeps, and returns the data set. A broken rule is our mistake, never the file's. */
export function assembleDataset(dataset: Dataset): Dataset {
  const ids = new Set<string>();
  for (const { id, subject, samples, segments } of dataset.recordings) {
    invariant(!ids.has(id), `recording ids are unique; ${id} came twice`);
    ids.add(id);
    invariant(subject !== '', `recording ${id} has a subject`);
    invariant(samples.length % dataset.channels.length === 0, `recording ${id} holds whole samples`);
    let end = 0;
    for (const segment of segments) {
      invariant(
        segment.start >= end && segment.end > segment.start && segment.end * dataset.channels.length <= samples.length,
        `segments of recording ${id} are in order, apart and inside; got ${segment.start}..${segment.end}`,
      );
      invariant(
        segment.label >= 0 && segment.label < dataset.labels.length,
        `segments of recording ${id} have known labels`,
      );
      end = segment.end;
    }
  }
  return dataset;
}
