/** What resolvers work with: one for each operation. */
import type { Database } from '@kinetune/storage';
import type { StudyFeed } from '../live/study-feed.ts';
import type { Viewer } from './viewer.ts';

export interface Context {
  readonly db: Database;
  readonly feed: StudyFeed;
  /** Folder of checkpoints and logs. */
  readonly home: string;
  readonly viewer: Viewer;
}
