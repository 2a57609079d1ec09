/** Asks `nvidia-smi` for the machine's GPUs. What it answers is text of another program: every field may be missing. */
import { execFile } from 'node:child_process';
import type { Gpu } from './gpu.ts';
import { divideByMig, parseGpus } from './parse-nvidia-smi.ts';

export type GpuQuery =
  | { readonly type: 'found'; readonly gpus: readonly Gpu[]; readonly remarks: readonly string[] }
  /** There is no such program: the machine has no NVIDIA driver. */
  | { readonly type: 'absent' }
  /** It is there and does not answer: a driver that does not fit its kernel module, a card that is lost. */
  | { readonly type: 'failed'; readonly reason: string };

export interface NvidiaSmiOptions {
  /** Its PATH is searched for the program. */
  readonly environment?: NodeJS.ProcessEnv;
  /** A driver that no process holds is loaded for each call, which takes a second for each card. */
  readonly timeoutMs?: number;
}

/** In this order; the name, which may hold anything, is where the rest can be counted from both ends. */
const FIELDS = 'index,uuid,name,memory.total,memory.used,utilization.gpu,driver_version';

/** Never throws: a machine whose GPUs cannot be read trains on its processors, and says why. */
export async function queryGpus({
  environment = process.env,
  timeoutMs = 20_000,
}: NvidiaSmiOptions = {}): Promise<GpuQuery> {
  const ask = (...words: readonly string[]): Promise<Answer> => run(words, { environment, timeoutMs });
  const format = '--format=csv,noheader,nounits';
  let answer = await ask(`--query-gpu=${FIELDS},mig.mode.current`, format);
  // Drivers before MIG refuse the whole question for the field they do not know.
  const hasMig = !/not a valid field/i.test(answer.output);
  if (!hasMig) answer = await ask(`--query-gpu=${FIELDS}`, format);
  if (answer.type === 'absent') return { type: 'absent' };
  if (/No devices were found/i.test(answer.output)) return { type: 'found', gpus: [], remarks: [] };
  const { cards, unread } = parseGpus(answer.output, { hasMig });
  if (cards.length === 0) {
    return { type: 'failed', reason: answer.failure ?? `it answered ${excerpt(answer.output)}` };
  }
  const remarks = unread.map((line) => `nvidia-smi: ${excerpt(line)}`);
  if (answer.failure !== undefined) remarks.push(`nvidia-smi: ${answer.failure}`);
  if (!cards.some(({ isDivided }) => isDivided)) return { type: 'found', gpus: cards.map(({ gpu }) => gpu), remarks };
  const listing = await ask('-L');
  const divided = divideByMig(cards, listing.output);
  return { type: 'found', gpus: divided.gpus, remarks: [...remarks, ...divided.remarks] };
}

interface Answer {
  readonly type: 'absent' | 'answered';
  readonly output: string;
  /** Why its exit is not that of a success. */
  readonly failure: string | undefined;
}

function run(words: readonly string[], { environment, timeoutMs }: Required<NvidiaSmiOptions>): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1_000_000 } as const;
    execFile('nvidia-smi', words, options, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`;
      if (error === null) return resolve({ type: 'answered', output, failure: undefined });
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
        return resolve({ type: 'absent', output: '', failure: undefined });
      const how =
        error.killed === true
          ? `it did not answer within ${timeoutMs / 1000} s`
          : `it ended with ${error.signal ?? error.code}`;
      const said = excerpt(output);
      resolve({ type: 'answered', output, failure: said === '' ? how : `${how}: ${said}` });
    });
  });
}

function excerpt(text: string): string {
  const words = text.trim().replace(/\s+/g, ' ');
  return words.length > 200 ? `${words.slice(0, 200)}…` : words;
}
