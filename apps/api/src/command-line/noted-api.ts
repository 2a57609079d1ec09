/** Where the API of a home listens, noted in the home for commands that would use it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Notes it until it is disposed of. Only the home's owner can read the note: its secret makes who holds it the editor at the machine,
 * since who can read the home could change all of it anyway.
 */
export function noteApi(home: string, url: string, secret?: string): Disposable {
  const file = fileIn(home);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ url, pid: process.pid, secret }), { mode: 0o600 });
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

/** The header by which commands on this home's machine are let in by its API. */
export function apiAuthorization(home: string): { readonly authorization?: string } {
  const secret = readNote(home)?.secret;
  return secret === undefined ? {} : { authorization: `Bearer ${secret}` };
}

interface ApiNote {
  readonly url: string;
  readonly pid: number;
  readonly secret?: string;
}

function readNote(home: string): ApiNote | undefined {
  try {
    const { url, pid, secret } = JSON.parse(readFileSync(fileIn(home), 'utf8')) as Record<string, unknown>;
    if (typeof url !== 'string' || !URL.canParse(url) || typeof pid !== 'number') return undefined;
    return { url, pid, ...(typeof secret === 'string' ? { secret } : {}) };
  } catch {
    return undefined;
  }
}

function fileIn(home: string): string {
  return join(home, 'api.json');
}
