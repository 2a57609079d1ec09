import { fileURLToPath } from 'node:url';
import { nativeError } from './native-error.ts';
import { lastLines, runCommand, succeeded, type CommandOptions } from './run-command.ts';

export interface CheckedAddon {
  readonly device: 'GPU' | 'CPU';
  /** The release that the library itself reports. */
  readonly tensorflowVersion: string;
}

/** Runs one operation in a child process with the environment that trainers will have. */
export async function checkAddon(options: CommandOptions): Promise<CheckedAddon> {
  const script = fileURLToPath(new URL('run-one-op.ts', import.meta.url));
  const result = await runCommand(process.execPath, [script], options);
  const report = succeeded(result) ? parseReport(result.stdout) : undefined;
  if (report?.value === 11) {
    return { device: report.isUsingGpuDevice ? 'GPU' : 'CPU', tensorflowVersion: report.version };
  }
  const isTooOldProcessor = result.outcome === 'ended' && result.endedBy === 'SIGILL';
  throw nativeError({
    code: 'native-check',
    problem: isTooOldProcessor
      ? 'The processor lacks an instruction that the published TensorFlow uses (AVX).'
      : 'Tried: one matrix product with the addon just built; expected 11.',
    details: `It ended with:\n${lastLines(result, 12)}`,
    remedy: 'KINETUNE_LIBTENSORFLOW=/folder/of/a/build/for/this/machine npx nx run native:build',
  });
}

function parseReport(stdout: string): { value: number; isUsingGpuDevice: boolean; version: string } | undefined {
  try {
    return JSON.parse(stdout) as { value: number; isUsingGpuDevice: boolean; version: string };
  } catch {
    return undefined;
  }
}
