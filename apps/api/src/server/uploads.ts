/**
 * `POST /uploads`: a file for `importDataset`, streamed into the home and never unpacked there; the importers read it where it lies.
 * The body is the file, its name stands in the header `x-file-name`, which no form of another site can send.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '@kinetune/study';

export interface UploadLimits {
  /** Of one file. */
  readonly fileBytes: number;
  /** Of all uploads in the home. */
  readonly totalBytes: number;
}

const GIGABYTE = 1024 ** 3;
export const UPLOAD_LIMITS: UploadLimits = { fileBytes: 2 * GIGABYTE, totalBytes: 10 * GIGABYTE };

export interface Uploaded {
  /** Relative to the home: what `importDataset` takes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,119}\.(csv|zip|tar\.gz|tgz|npy)$/iu;
/** What has not arrived whole. */
export const PART = '.part';

/** Uploads that are under way, so that two at once do not each take what is left. */
const reserved = new Map<string, number>();

/**
 * @throws InputError for a name that no importer reads, and for more than a file or all of them may have; nothing is left then.
 */
export async function receiveUpload(
  home: string,
  { name, body, limits }: { readonly name: string; readonly body: Readable; readonly limits: UploadLimits },
): Promise<Uploaded> {
  if (!NAME.test(name))
    throw new InputError(
      'upload-name',
      `expected a file name that ends with .csv, .zip, .tar.gz, .tgz or .npy, of letters, digits, blanks, . _ and -, got ${JSON.stringify(name.slice(0, 200))}`,
    );
  const uploads = join(home, 'uploads');
  const id = randomUUID();
  const folder = join(uploads, id);
  await mkdir(folder, { recursive: true });
  const part = join(folder, PART);
  const hash = createHash('sha256');
  const taken = await bytesIn(uploads);
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      reserved.set(id, bytes);
      const others = [...reserved].reduce((sum, [other, count]) => sum + (other === id ? 0 : count), 0);
      if (bytes > limits.fileBytes)
        return done(
          new InputError('upload-too-large', `expected a file of at most ${limits.fileBytes} bytes, got more`),
        );
      if (taken + others + bytes > limits.totalBytes)
        return done(
          new InputError(
            'upload-quota',
            `expected uploads of at most ${limits.totalBytes} bytes in all, and ${taken + others} are there: kinetune clean --keep-uploads 1h removes those that no study trains on`,
          ),
        );
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(body, bounded, createWriteStream(part, { flags: 'wx', mode: 0o600 }));
    if (bytes === 0) throw new InputError('upload-empty', 'expected a file, got an empty body');
    await rename(part, join(folder, name));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    reserved.delete(id);
  }
  return { path: join('uploads', id, name), bytes, sha256: hash.digest('hex') };
}

/** Removes what the death of a process left of uploads; call it before the first is received. */
export async function sweepUploads(home: string): Promise<void> {
  const uploads = join(home, 'uploads');
  for (const id of await readdir(uploads).catch(() => []))
    if (existsSync(join(uploads, id, PART))) await rm(join(uploads, id), { recursive: true, force: true });
}

/** Of the uploads that have arrived. */
async function bytesIn(uploads: string): Promise<number> {
  let sum = 0;
  for (const id of await readdir(uploads))
    for (const name of await readdir(join(uploads, id)).catch(() => []))
      if (name !== PART) sum += (await stat(join(uploads, id, name)).catch(() => ({ size: 0 }))).size;
  return sum;
}
