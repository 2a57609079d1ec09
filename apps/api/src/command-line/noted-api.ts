/** Where the API of a home listens, noted in the home for commands that would use it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Notes it until it is disposed of. */
export function noteApi(home: string, url: string): Disposable {
  const file = fileIn(home);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ url, pid: process.pid }));
  renameSync(temporary, file);
  return {
    [Symbol.dispose]() {
      // Another API on the same home may have noted itself since.
      if (readNote(home)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

/** The address of an API that runs on this home and answers; undefined where there is none. */
export async function findApi(home: string): Promise<string | undefined> {
  const note = readNote(home);
  if (note === undefined) return undefined;
  try {
    const response = await fetch(`${note.url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? note.url : undefined;
  } catch {
    return undefined; // It was killed, and its note is left.
  }
}

function readNote(home: string): { readonly url: string; readonly pid: number } | undefined {
  try {
    const note = JSON.parse(readFileSync(fileIn(home), 'utf8')) as { url?: unknown; pid?: unknown };
    return typeof note.url === 'string' && URL.canParse(note.url) && typeof note.pid === 'number'
      ? { url: note.url, pid: note.pid }
      : undefined;
  } catch {
    return undefined;
  }
}

function fileIn(home: string): string {
  return join(home, 'api.json');
}
