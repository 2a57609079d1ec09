/**
 * The slots of all agents, handed to any number of followers: first as they are, then what has changed. The state is the truth, so
 * that what happened between two looks is told as its outcome. The cursor is a hash of the state: whoever comes back with it is told
 * nothing anew if nothing is, what has changed since if that is remembered here, and else the whole again.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { listenForChanges, listSlotStates, type Database, type SlotState } from '@kinetune/storage';
import { following } from './following.ts';

export interface SlotChange {
  /** Of the state after it. */
  readonly cursor: string;
  /** All slots that there are; else those that have changed. */
  readonly isWhole: boolean;
  readonly slots: readonly SlotState[];
  /** Slots that are gone with their agent, by id. */
  readonly goneIds: readonly string[];
}

export interface SlotFeed extends Disposable {
  /** `return()` ends it at once, though it waits. */
  follow(after?: string): AsyncIterableIterator<SlotChange, undefined>;
}

export interface SlotFeedOptions {
  readonly gapMs?: number;
  /** An agent that dies says nothing: hence looks without a hint. */
  readonly pollMs?: number;
  /** Without a sign of life for so long an agent is gone. */
  readonly silentForMs?: number;
}

interface State {
  readonly cursor: string;
  readonly slots: ReadonlyMap<string, SlotState>;
}

const MOST_REMEMBERED = 200;

export function createSlotFeed(
  db: Database,
  { gapMs = 200, pollMs = 1_000, silentForMs = 30_000 }: SlotFeedOptions = {},
): SlotFeed {
  let state: State | undefined;
  /** The last changes, each with the cursor that it follows. */
  const remembered: { readonly from: string; readonly change: SlotChange }[] = [];
  const waiting = new Set<() => void>();
  let followers = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let lookedAt = -Infinity;
  let isEnded = false;
  const hints = listenForChanges(db, () => arrange(lookedAt + gapMs));

  function arrange(at: number): void {
    if (isEnded || followers === 0 || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void look(), Math.max(0, at - performance.now()));
  }
  const look = async (): Promise<void> => {
    lookedAt = performance.now();
    // An outage of the database is waited for; until then nothing is known to have changed.
    const found = await listSlotStates(db, { silentForMs }).catch(() => undefined);
    dueAt = Infinity;
    arrange(performance.now() + pollMs);
    if (found === undefined) return;
    const next = { cursor: hashOf(found), slots: new Map(found.map((slot) => [slot.id, slot])) };
    if (next.cursor === state?.cursor) return;
    if (state !== undefined) {
      remembered.push({ from: state.cursor, change: changeBetween(state, next) });
      remembered.splice(0, remembered.length - MOST_REMEMBERED);
    }
    state = next;
    waiting.forEach((wake) => wake());
    waiting.clear();
  };
  const changeAfter = (cursor: string | undefined): SlotChange | undefined => {
    if (state === undefined || cursor === state.cursor) return undefined;
    // The last time that the state was this one: it may have come back to it.
    const known = remembered.findLast(({ from }) => from === cursor);
    return known?.change ?? { cursor: state.cursor, isWhole: true, slots: [...state.slots.values()], goneIds: [] };
  };
  const wholes = new WeakMap<State, SlotChange>();
  /** Nobody follows: what is not looked at is not known. */
  const rest = (): void => {
    clearTimeout(timer);
    dueAt = Infinity;
    state = undefined;
    remembered.splice(0);
  };

  return {
    follow(after) {
      followers++;
      arrange(performance.now());
      let cursor = after;
      let isOver = false;
      let wake = (): void => {};
      const leave = (): void => {
        if (isOver) return;
        isOver = true;
        if (--followers === 0) rest();
        waiting.delete(wake);
        wake();
      };
      return following(async () => {
        while (!isOver && !isEnded) {
          const change = changeAfter(cursor);
          if (change !== undefined && state !== undefined) {
            cursor = change.cursor;
            // One object for all who get the whole: it is executed once.
            const shared = change.isWhole ? (wholes.get(state) ?? change) : change;
            if (change.isWhole) wholes.set(state, shared);
            return shared;
          }
          await new Promise<void>((resolve) => waiting.add((wake = resolve)));
        }
        return undefined;
      }, leave);
    },
    [Symbol.dispose]() {
      isEnded = true;
      clearTimeout(timer);
      hints[Symbol.dispose]();
      waiting.forEach((wake) => wake());
    },
  };
}

function changeBetween(before: State, { cursor, slots }: State): SlotChange {
  const changed = [...slots.values()].filter((slot) => !isDeepStrictEqual(slot, before.slots.get(slot.id)));
  return { cursor, isWhole: false, slots: changed, goneIds: [...before.slots.keys()].filter((id) => !slots.has(id)) };
}

function hashOf(slots: readonly SlotState[]): string {
  return createHash('sha256').update(JSON.stringify(slots)).digest('base64url').slice(0, 22);
}
