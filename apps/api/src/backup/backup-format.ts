/**
 * A backup is one tar file, compressed by what its name ends in:
 *
 *   kinetune-backup.json             what it is, and the schema of its rows
 *   checkpoints/ logs/ windows/      files of the store
 *   database/<table>/<number>.jsonl  rows of a table as they were at one moment, a JSON object a line; tables after those they refer to
 *   manifest.json                    size and SHA-256 of every entry before it; without it the file is incomplete
 */
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { PassThrough, type Duplex } from 'node:stream';
import { InputError } from '@kinetune/study';
import { z } from 'zod';

export const HEADER_ENTRY = 'kinetune-backup.json';
export const MANIFEST_ENTRY = 'manifest.json';
export const STORE_FOLDERS = ['checkpoints', 'logs', 'windows'] as const;

export const backupHeader = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** Migrations that the database had seen. */
  migrations: z.array(z.number()),
});
export type BackupHeader = z.infer<typeof backupHeader>;

export const backupManifest = z.object({
  /** Rows of each table. */
  rows: z.record(z.string(), z.number().int()),
  entries: z.record(z.string(), z.object({ bytes: z.number().int(), sha256: z.string() })),
});
export type BackupManifest = z.infer<typeof backupManifest>;

const FORMS: readonly {
  readonly ending: RegExp;
  readonly magic: readonly number[];
  readonly compress: () => Duplex;
  readonly expand: () => Duplex;
}[] = [
  {
    ending: /\.tar\.zst$/,
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    compress: () => createZstdCompress(),
    expand: () => createZstdDecompress(),
  },
  { ending: /\.(tar\.gz|tgz)$/, magic: [0x1f, 0x8b], compress: () => createGzip(), expand: () => createGunzip() },
  { ending: /\.tar$/, magic: [], compress: () => new PassThrough(), expand: () => new PassThrough() },
];

/** @throws InputError for a name that says no form. */
export function compressionOf(file: string): Duplex {
  const form = FORMS.find(({ ending }) => ending.test(file));
  if (form === undefined)
    throw new InputError('backup-name', `expected a file that ends in .tar.zst, .tar.gz or .tar, got ${file}`);
  return form.compress();
}

/** By its first bytes, whatever it is called. */
export function expansionOf(start: Buffer): Duplex {
  const form = FORMS.find(({ magic }) => magic.every((byte, index) => start[index] === byte));
  return form?.expand() ?? new PassThrough();
}
