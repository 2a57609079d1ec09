/**
 * Live events of studies, handed to any number of followers. The log in the database is the only truth: a follower is nothing but
 * a cursor, so a slow one costs no memory and one that lost its socket goes on where it was. What is shared is one look at
 * the logs for all followers, the last events of each followed study, and the batches that are cut from them: followers at the
 * same place get the same array, so that what is made of it can be made once (`shared-execution.ts`).
 */
import {
  listenForChanges,
  liveEvents,
  liveEventsAfter,
  studySequences,
  type Database,
  type LiveEvent,
} from '@kinetune/storage';
import { following } from './following.ts';

export interface StudyFeed extends Disposable {
  /**
   * Batches of events after `after` (undefined: from now on), in order, each event once. A follower that reads slowly gets larger
   * batches, not more memory. `return()` ends it at once, though it waits; it ends by itself once the study is deleted.
   * @throws what the database throws, once it has failed for `failAfterMs`.
   */
  follow(studyId: string, after?: number): AsyncIterableIterator<readonly LiveEvent[], undefined>;
}

export interface FeedOptions {
  /** The least time from one look at the logs to the next, ms: changes within it share a look. */
  readonly gapMs?: number;
  /** From one look to the next where no hint comes: a safeguard where hints are heard, else all there is. */
  readonly pollMs?: { readonly hearing: number; readonly deaf: number };
  /** Events of each study kept at hand. */
  readonly kept?: number;
  readonly failAfterMs?: number;
  /** The least time from one look at which studies are deleted to the next: nothing in a log tells of it. */
  readonly goneCheckMs?: number;
}

/** What is known of a followed study. */
interface Followed {
  followers: number;
  isGone: boolean;
  /** Sequence of the last event that was read; undefined before the first look. */
  head: number | undefined;
  /** The last events, ascending and without gaps, the last of which is `head`. */
  readonly recent: LiveEvent[];
  /** Batches that were cut since the head moved, by the cursor that they follow. */
  readonly batches: Map<number, Promise<readonly LiveEvent[]>>;
  readonly waiting: Set<PromiseWithResolvers<void>>;
}

const MOST_AT_ONCE = 200;
const MOST_SHARED_BATCHES = 64;
const LOOK_LIMIT = 1000;

export function createStudyFeed(
  db: Database,
  {
    gapMs = 40,
    pollMs = { hearing: 250, deaf: 50 },
    kept = 4000,
    failAfterMs = 60_000,
    goneCheckMs = 1_000,
  }: FeedOptions = {},
): StudyFeed {
  const followed = new Map<string, Followed>();
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let lookedAt = -Infinity;
  let checkedAt = -Infinity;
  let isLooking = false;
  let isHinted = false;
  let failingSince: number | undefined;
  let isEnded = false;
  const hints = listenForChanges(db, () => {
    if (isLooking) isHinted = true;
    else arrange(lookedAt + gapMs);
  });

  /** Looks at this moment, or sooner if that is arranged. */
  function arrange(at: number): void {
    if (isEnded || followed.size === 0 || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void poll(), Math.max(0, at - performance.now()));
  }
  const wake = ({ waiting }: Followed, failure?: unknown): void => {
    for (const waiter of waiting) {
      if (failure === undefined) waiter.resolve();
      else waiter.reject(failure);
    }
    waiting.clear();
  };
  /** Reads what is new of all followed studies. */
  const look = async (): Promise<void> => {
    const unknown = [...followed].filter(([, { head }]) => head === undefined).map(([id]) => id);
    for (const [id, sequence] of await studySequences(db, unknown)) {
      const study = followed.get(id);
      if (study !== undefined) study.head ??= sequence;
    }
    let after = new Map([...followed].flatMap(([id, { head }]) => (head === undefined ? [] : [[id, head] as const])));
    while (after.size > 0) {
      const found = await liveEvents(db, { after, limit: LOOK_LIMIT });
      after = new Map();
      for (const [id, events] of found) {
        const study = followed.get(id);
        const first = events[0]?.sequence;
        // Left, or left and entered again, while we read.
        if (study?.head === undefined || first !== study.head + 1) continue;
        study.recent.push(...events);
        study.recent.splice(0, Math.max(0, study.recent.length - kept));
        study.head += events.length;
        study.batches.clear();
        if (events.length === LOOK_LIMIT) after.set(id, study.head);
      }
    }
  };
  const endDeleted = async (): Promise<void> => {
    if (performance.now() - checkedAt < goneCheckMs) return;
    checkedAt = performance.now();
    const asked = [...followed];
    const present = await studySequences(
      db,
      asked.map(([id]) => id),
    );
    for (const [id, study] of asked) {
      if (present.has(id)) continue;
      study.isGone = true;
      wake(study);
    }
  };
  const poll = async (): Promise<void> => {
    dueAt = Infinity;
    lookedAt = performance.now();
    isLooking = true;
    const before = new Map([...followed].map(([id, { head }]) => [id, head]));
    let failure: unknown;
    try {
      await look();
      await endDeleted();
      failingSince = undefined;
    } catch (error) {
      // An outage of the database is waited for: a follower would only come back and find the same.
      failingSince ??= performance.now();
      if (performance.now() - failingSince > failAfterMs) failure = error;
    }
    isLooking = false;
    for (const [id, study] of followed) {
      if (failure !== undefined || study.head !== before.get(id)) wake(study, failure);
    }
    const isWanted = isHinted || [...followed.values()].some(({ head }) => head === undefined);
    isHinted = false;
    arrange(isWanted && failingSince === undefined ? lookedAt + gapMs : performance.now() + idleMs());
  };
  const idleMs = (): number => (hints.isHearing && failingSince === undefined ? pollMs.hearing : pollMs.deaf);

  const enter = (studyId: string): Followed => {
    const study = followed.get(studyId) ?? {
      followers: 0,
      isGone: false,
      head: undefined,
      recent: [],
      batches: new Map(),
      waiting: new Set(),
    };
    study.followers++;
    followed.set(studyId, study);
    if (study.head === undefined && !isLooking) arrange(performance.now());
    return study;
  };

  return {
    follow(studyId, after) {
      const study = enter(studyId);
      let cursor = after;
      let isOver = false;
      let waiter: PromiseWithResolvers<void> | undefined;
      const leave = (): void => {
        if (isOver) return;
        isOver = true;
        if (--study.followers === 0) followed.delete(studyId);
        if (waiter !== undefined) study.waiting.delete(waiter);
        waiter?.resolve();
      };
      return following(async () => {
        while (!isOver && !isEnded) {
          cursor ??= study.head;
          if (cursor !== undefined && study.head !== undefined && cursor < study.head) {
            const batch = await batchAfter(study, studyId, cursor);
            const last = batch.at(-1);
            if (isOver) break;
            if (last !== undefined) {
              cursor = last.sequence;
              return batch;
            }
          }
          if (study.isGone) break;
          waiter = Promise.withResolvers();
          study.waiting.add(waiter);
          await waiter.promise;
        }
        return undefined;
      }, leave);
    },
    [Symbol.dispose]() {
      isEnded = true;
      clearTimeout(timer);
      hints[Symbol.dispose]();
      for (const study of followed.values()) wake(study);
    },
  };

  /** From memory where it reaches back far enough, else from the database; the same for all who ask for it at a time. */
  function batchAfter(study: Followed, studyId: string, cursor: number): Promise<readonly LiveEvent[]> {
    const shared = study.batches.get(cursor);
    if (shared !== undefined) return shared;
    const first = study.recent[0]?.sequence;
    const from = first === undefined ? -1 : cursor + 1 - first;
    const batch =
      from >= 0
        ? Promise.resolve(study.recent.slice(from, from + MOST_AT_ONCE))
        : liveEventsAfter(db, studyId, { sequence: cursor, limit: MOST_AT_ONCE });
    if (study.batches.size < MOST_SHARED_BATCHES) {
      study.batches.set(cursor, batch);
      batch.catch(() => study.batches.delete(cursor));
    }
    return batch;
  }
}
