/** How the trainer computes: from flags, else from the environment, else from the machine. TensorFlow reads it once, as it loads. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { InputError, type RuntimeSettings } from '@kinetune/study';

export const USAGE = `Usage: main.ts [options]

Trains models as it is told on file descriptor 3 and reports on 4 (docs/trainer-protocol.md).

  --intra-op-threads N   threads inside one operation (KINETUNE_INTRA_OP_THREADS; default: one per core)
  --inter-op-threads N   operations at once (KINETUNE_INTER_OP_THREADS; default: as intra-op-threads)
  --xla                  compile with XLA (KINETUNE_XLA=1; default: off)
  --no-one-dnn           without oneDNN's kernels (KINETUNE_ONE_DNN=0; default: on)
  --help                 this text

Flags win over the environment. With one thread the same trial gives the same numbers to the last bit.
`;

export type CommandLine = { readonly type: 'help' } | { readonly type: 'run'; readonly runtime: RuntimeSettings };

/** @throws InputError naming the flag or variable, what was expected and what came. */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  cores: number = availableParallelism(),
): CommandLine {
  const flags = parse(args);
  if (flags.help === true) return { type: 'help' };
  const from = (flag: string | undefined, flagName: string, variable: string): number | undefined => {
    if (flag !== undefined) return threadCount(flag, flagName);
    const value = environment[variable];
    return value === undefined || value === '' ? undefined : threadCount(value, variable);
  };
  const intraOpThreads =
    from(flags['intra-op-threads'], '--intra-op-threads', 'KINETUNE_INTRA_OP_THREADS') ?? Math.max(1, cores);
  return {
    type: 'run',
    runtime: {
      intraOpThreads,
      interOpThreads:
        from(flags['inter-op-threads'], '--inter-op-threads', 'KINETUNE_INTER_OP_THREADS') ?? intraOpThreads,
      xla: flags.xla ?? isOn(environment, 'KINETUNE_XLA', false),
      oneDnn: flags['no-one-dnn'] === true ? false : isOn(environment, 'KINETUNE_ONE_DNN', true),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'intra-op-threads': { type: 'string' },
        'inter-op-threads': { type: 'string' },
        xla: { type: 'boolean' },
        'no-one-dnn': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new InputError('command-line', `${(error as Error).message}\n\n${USAGE}`);
  }
}

function threadCount(text: string, name: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 4096) {
    throw new InputError('command-line', `${name} must be a whole number of threads from 1 to 4096, got "${text}"`);
  }
  return count;
}

function isOn(environment: Readonly<Record<string, string | undefined>>, variable: string, fallback: boolean): boolean {
  const value = environment[variable];
  if (value === undefined || value === '') return fallback;
  if (value === '1' || value === '0') return value === '1';
  throw new InputError('command-line', `${variable} must be 1 or 0, got "${value}"`);
}
