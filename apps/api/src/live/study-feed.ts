/**
 * Live events of studies, handed to any number of followers. The log in the database is the only truth: a follower is nothing but
 * a cursor, so a slow one costs no memory and one that lost its socket goes on where it was. What is shared is one look at
 * the logs for all followers, and the last events of each followed study.
 */
import { liveEventsAfter, studySequences, type Database, type LiveEvent } from '@kinetune/storage';

export interface StudyFeed extends Disposable {
  /**
   * Batches of events after `after` (undefined: from now on), in order, each event once; ends with the signal. A follower that
   * reads slowly gets larger batches, not more memory.
   * @throws what the database throws, once it has failed for `failAfterMs`.
   */
  follow(
    studyId: string,
    options: { readonly after?: number | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly LiveEvent[], void>;
}

export interface FeedOptions {
  /** From one look at the logs to the next, while anybody follows. */
  readonly pollMs?: number;
  /** Events of each study kept at hand. */
  readonly kept?: number;
  readonly failAfterMs?: number;
}

/** What is known of a followed study. */
interface Followed {
  followers: number;
  /** Sequence of the last event that was read; undefined before the first look. */
  head: number | undefined;
  /** The last events, ascending and without gaps, the last of which is `head`. */
  readonly recent: LiveEvent[];
  wake: PromiseWithResolvers<void>;
}

const MOST_AT_ONCE = 500;

export function createStudyFeed(
  db: Database,
  { pollMs = 50, kept = 4000, failAfterMs = 60_000 }: FeedOptions = {},
): StudyFeed {
  const followed = new Map<string, Followed>();
  let timer: NodeJS.Timeout | undefined;
  let failingSince: number | undefined;
  let isEnded = false;

  /** Lets the followers of a study look again, or fail; who waits from now on waits for the next time. */
  const wake = (study: Followed, failure?: unknown): void => {
    const { wake: waited } = study;
    study.wake = newWake();
    if (failure === undefined) waited.resolve();
    else waited.reject(failure);
  };
  const look = async (): Promise<void> => {
    const sequences = await studySequences(db, [...followed.keys()]);
    for (const [id, study] of followed) {
      const sequence = sequences.get(id);
      study.head ??= sequence;
      if (sequence === undefined || study.head === undefined) continue;
      while (study.head < sequence) {
        const events = await liveEventsAfter(db, id, { sequence: study.head });
        if (events.length === 0) break;
        study.recent.push(...events);
        study.recent.splice(0, Math.max(0, study.recent.length - kept));
        study.head = (events.at(-1) as LiveEvent).sequence;
      }
    }
  };
  const poll = async (): Promise<void> => {
    const before = new Map([...followed].map(([id, { head }]) => [id, head]));
    let failure: unknown;
    try {
      await look();
      failingSince = undefined;
    } catch (error) {
      // An outage of the database is waited for: a follower would only come back and find the same.
      failingSince ??= performance.now();
      if (performance.now() - failingSince > failAfterMs) failure = error;
    }
    for (const [id, study] of followed) {
      if (failure === undefined && study.head === before.get(id)) continue;
      wake(study, failure);
    }
    schedule();
  };
  const schedule = (): void => {
    timer = followed.size === 0 || isEnded ? undefined : setTimeout(() => void poll(), pollMs);
  };
  const enter = (studyId: string): Followed => {
    const study = followed.get(studyId) ?? {
      followers: 0,
      head: undefined,
      recent: [],
      wake: newWake(),
    };
    study.followers++;
    followed.set(studyId, study);
    if (timer === undefined) timer = setTimeout(() => void poll(), 0);
    return study;
  };

  return {
    async *follow(studyId, { after, signal }) {
      const study = enter(studyId);
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      try {
        let cursor = after;
        while (!signal.aborted && !isEnded) {
          // Taken before looking, so that what arrives in between is not waited for.
          const { promise } = study.wake;
          cursor ??= study.head;
          if (cursor !== undefined && study.head !== undefined && cursor < study.head) {
            const events = await eventsFrom(study, studyId, cursor);
            if (events.length > 0) {
              cursor = (events.at(-1) as LiveEvent).sequence;
              yield events;
              continue;
            }
          }
          await Promise.race([promise, aborted]);
        }
      } finally {
        if (--study.followers === 0) followed.delete(studyId);
      }
    },
    [Symbol.dispose]() {
      isEnded = true;
      clearTimeout(timer);
      for (const study of followed.values()) wake(study);
    },
  };

  /** From memory where it reaches back far enough, else from the database. */
  async function eventsFrom(study: Followed, studyId: string, cursor: number): Promise<readonly LiveEvent[]> {
    const first = study.recent[0]?.sequence;
    if (first !== undefined && first <= cursor + 1) {
      const from = cursor + 1 - first;
      return study.recent.slice(from, from + MOST_AT_ONCE);
    }
    return liveEventsAfter(db, studyId, { sequence: cursor, limit: MOST_AT_ONCE });
  }
}

/** Nobody may be waiting when it fails. */
function newWake(): PromiseWithResolvers<void> {
  const wake = Promise.withResolvers<void>();
  wake.promise.catch(() => {});
  return wake;
}
