import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { writeError } from './download-error.ts';

/** What must be the same for bytes that come later to continue those that came before. */
export interface PartialFacts {
  readonly url: string;
  /** A strong ETag or a Last-Modified date, to be sent as If-Range; undefined where the server gave neither. */
  readonly validator: string | undefined;
  readonly totalBytes: number | undefined;
}

/** A download under way: `<file>.part` holds the bytes, `<file>.part.json` what they belong to. */
export class PartialDownload {
  readonly path: string;
  readonly #factsPath: string;

  constructor(target: string) {
    this.path = `${target}.part`;
    this.#factsPath = `${target}.part.json`;
  }

  /** What can be resumed; undefined where there is nothing, or nothing that a server could continue safely. */
  async resumable(url: string): Promise<{ readonly bytes: number; readonly facts: PartialFacts } | undefined> {
    const size = await stat(this.path).then(
      (facts) => facts.size,
      () => 0,
    );
    if (size === 0) return undefined;
    try {
      const facts = JSON.parse(await readFile(this.#factsPath, 'utf8')) as PartialFacts;
      return facts.url === url && typeof facts.validator === 'string' ? { bytes: size, facts } : undefined;
    } catch {
      return undefined; // no facts, or half written: the bytes cannot be trusted
    }
  }

  /** Opens the file to write on behind the bytes it has, or from the start. Facts are on disk before the first byte. */
  async open(facts: PartialFacts, options: { readonly isResumed: boolean }): Promise<FileHandle> {
    try {
      if (!options.isResumed) {
        await rm(this.#factsPath, { force: true });
        const handle = await open(this.path, 'w');
        await writeFile(this.#factsPath, JSON.stringify(facts)).catch(async (error: unknown) => {
          await handle.close();
          throw error;
        });
        return handle;
      }
      return await open(this.path, 'r+');
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#factsPath, { force: true });
  }

  async discardFacts(): Promise<void> {
    await rm(this.#factsPath, { force: true });
  }
}
