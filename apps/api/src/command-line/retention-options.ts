/** Options that say which checkpoints and uploads are kept. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CHECKPOINT_SORTS, type CheckpointSort, type RetentionRules } from '../checkpoints/choose-checkpoints.ts';
import type { UploadRules } from '../server/clean-uploads.ts';
import { parseDuration } from './duration.ts';

export interface RetentionFlags {
  readonly keepCheckpoints: readonly CheckpointSort[];
  readonly quota?: number;
  /** Seconds. */
  readonly keepUploads: number;
}

export function addRetentionOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--keep-checkpoints <sorts>',
        'what trials keep when they have ended: best (weights), last (state of training), best,last or all',
      )
        .default(CHECKPOINT_SORTS, 'all')
        .argParser(sorts),
    )
    .addOption(
      new Option(
        '--quota <size>',
        'most that checkpoints may take, like 10GB; the best and the adopted stay',
      ).argParser(size),
    )
    .addOption(
      new Option('--keep-uploads <duration>', 'how long uploaded recordings stay that no study trains on, like 7d')
        .default(KEPT_UPLOADS, '7d')
        .argParser(parseDuration),
    );
}

const KEPT_UPLOADS = 7 * 86_400;

export function retentionRules({ keepCheckpoints, quota }: RetentionFlags): RetentionRules {
  return { keep: keepCheckpoints, quotaBytes: quota };
}

export function uploadRules({ keepUploads }: RetentionFlags): UploadRules {
  return { keptMs: keepUploads * 1000 };
}

function sorts(text: string): readonly CheckpointSort[] {
  if (text === 'all') return CHECKPOINT_SORTS;
  const words = text.split(',').map((word) => word.trim());
  const known = CHECKPOINT_SORTS.filter((sort) => words.includes(sort));
  if (known.length !== words.length)
    throw new InvalidArgumentError(`Expected best, last, best,last or all, got "${text}".`);
  return known;
}

const UNITS: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of `10GB`, in powers of ten as disks are sold. */
function size(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([KMGT]B)$/i.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (UNITS[unit?.toUpperCase() ?? ''] ?? NaN);
  if (!Number.isSafeInteger(Math.round(bytes)))
    throw new InvalidArgumentError(`Expected a size like 10GB or 500MB, got "${text}".`);
  return Math.round(bytes);
}
