/** What resolvers work with: one for each operation. */
import type { Database } from '@kinetune/storage';
import type { AskDesk } from '../ask/ask-desk.ts';
import type { LogTails } from '../live/log-tails.ts';
import type { SlotFeed } from '../live/slot-feed.ts';
import type { StudyFeed } from '../live/study-feed.ts';
import type { Viewer } from './viewer.ts';

export interface Context {
  readonly db: Database;
  readonly feed: StudyFeed;
  readonly askDesk: AskDesk;
  readonly slotFeed: SlotFeed;
  readonly logTails: LogTails;
  /** Folder of what is this server's own. */
  readonly home: string;
  /** Folder of logs and checkpoints, which agents on other machines share; the home where there is no other. */
  readonly store: string;
  readonly viewer: Viewer;
  /** Whether a viewer may create a study whose trainer is a command. */
  readonly mayNameCommandTrainer: (viewer: Viewer) => boolean;
  /** Absolute folders besides the home that a path from input may lead into. */
  readonly dataFolders: readonly string[];
}
