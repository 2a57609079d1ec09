import type { FileSource } from '../archive/file-source.ts';
import type { Dataset } from '../recording.ts';

/** A data set found in a source. `root` is the folder inside it that holds the layout, '' or ending in `/`. */
export interface Match {
  readonly root: string;
  /** The entries that the import reads, in order. */
  readonly entryPaths: readonly string[];
}

/** One published data set: how to tell its layout, and how to read it. */
export interface Importer<Options> {
  readonly kind: string;
  /** What was looked for, for the message when nothing is found. */
  readonly layout: string;
  /** Looks at names only. A layout whose parts are missing still matches, so that `read` can name them. */
  find(source: FileSource): readonly Match[];
  /** Pure: returns the whole data set or throws; nothing is kept. */
  read(source: FileSource, match: Match, options: Options & { readonly contentHash: string }): Promise<Dataset>;
}
