import type { ImportNote } from '../recording.ts';

const EXAMPLES = 5;

/** Counts what an importer met on its way, by code, and keeps the first few places of each. */
export class NoteCollector {
  readonly #notes = new Map<string, { message: string; count: number; examples: string[] }>();

  /** @param message says what it is and what was done with it; the first message of a code is kept */
  add(code: string, message: string, place?: string, count = 1): void {
    const note = this.#notes.get(code) ?? { message, count: 0, examples: [] };
    this.#notes.set(code, note);
    note.count += count;
    if (place !== undefined && note.examples.length < EXAMPLES) note.examples.push(place);
  }

  list(): ImportNote[] {
    return [...this.#notes].map(([code, note]) => ({ code, ...note }));
  }
}
