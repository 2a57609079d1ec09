import type { Database, Study } from '@kinetune/storage';
import { exportCsv, type Exported } from './export-csv.ts';
import { exportJson } from './export-json.ts';

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly what: Exported;
}

/** A study for other programs, piece by piece. */
export function exportText(db: Database, study: Study, { format, what }: ExportRequest): AsyncIterable<string> {
  return format === 'json' ? exportJson(db, study, what) : exportCsv(db, study, what);
}
