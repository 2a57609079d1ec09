/**
 * Whether a trainer ran out of memory. Our own says so; another may die of it, by its own hand (an exception, an abort) or by the
 * kernel's, and then only its last words and the kernel's count tell it from a crash.
 */
import { readFileSync } from 'node:fs';
import { storableText } from '@kinetune/study';

/** Code of the outcome. */
export const OUT_OF_MEMORY = 'out-of-memory';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What TensorFlow, PyTorch, JAX, numpy, C++, V8 and the shell say. */
const WORDS =
  /ResourceExhausted|RESOURCE_EXHAUSTED|OOM when allocating|out of memory|OutOfMemory|MemoryError|std::bad_alloc|Cannot allocate memory|CUBLAS_STATUS_ALLOC_FAILED/i;

export function speaksOfMemory(text: string): boolean {
  return WORDS.test(text);
}

/** Where the kernel counts the processes that it ended for want of memory: in the machine, or in our control group. */
const COUNTERS = ['/proc/vmstat', '/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'];

export interface MemoryWatch {
  /** The sentence that says that the process died of it; undefined where nothing shows it. */
  evidence(end: ProcessEnd, lastWords: string): string | undefined;
}

/** Begins to watch: what the kernel has counted before is no evidence. */
export function watchMemory(counters: readonly string[] = COUNTERS): MemoryWatch {
  const before = countKills(counters);
  return {
    evidence({ code, signal }, lastWords) {
      // 137: a shell's word for a child that SIGKILL ended.
      if ((signal === 'SIGKILL' || code === 137) && countKills(counters) > before)
        return "the kernel ended it for want of the machine's memory";
      if (code === 0) return undefined;
      const line = lastWords.split('\n').findLast(speaksOfMemory);
      return line === undefined ? undefined : storableText(`it died with the words: ${line.trim().slice(0, 300)}`);
    },
  };
}

function countKills(counters: readonly string[]): number {
  return counters.reduce((sum, file) => sum + Number(/^oom_kill (\d+)$/m.exec(read(file))?.[1] ?? 0), 0);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
