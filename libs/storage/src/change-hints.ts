/**
 * Hints that studies may have changed, for whoever follows them: sooner than the next look, never instead of it. A hint says
 * nothing, may come for nothing, may come late and may be lost; the event log alone says what happened.
 */
import type { Database } from './database.ts';

export interface ChangeHints extends AsyncDisposable {
  /** Something was committed here: tells the listeners of this process, and of others where there are any. */
  changed(): void;
  /** Calls `onHint` after changes, here or elsewhere, until it is disposed of. */
  listen(onHint: () => void): HintListening;
}

export interface HintListening extends Disposable {
  /** Whether changes of other processes are heard of at present. */
  readonly isHearing: boolean;
}

/** The hints of each open database, by drizzle's dialect, which a database and its transactions share. */
const opened = new WeakMap<object, ChangeHints>();

export function giveHints(db: Database, hints: ChangeHints): void {
  opened.set(dialectOf(db), hints);
}

export function hintChange(db: Database): void {
  opened.get(dialectOf(db))?.changed();
}

/** Calls `onHint` when studies of the database may have changed. */
export function listenForChanges(db: Database, onHint: () => void): HintListening {
  return opened.get(dialectOf(db))?.listen(onHint) ?? { isHearing: false, [Symbol.dispose]() {} };
}

/** Hints of a database that this process alone has open. */
export function hintsWithin(): ChangeHints {
  const listeners = new Set<() => void>();
  return {
    changed: () => listeners.forEach((tell) => tell()),
    listen(onHint) {
      listeners.add(onHint);
      return { isHearing: true, [Symbol.dispose]: () => void listeners.delete(onHint) };
    },
    [Symbol.asyncDispose]: async () => listeners.clear(),
  };
}

function dialectOf(db: Database): object {
  return (db as unknown as { readonly dialect: object }).dialect;
}
