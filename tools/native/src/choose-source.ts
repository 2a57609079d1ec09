import { wantedVariant, type NativeSource } from '@kinetune/models/native';
import { findProgram } from './install-command.ts';
import { runCommand, succeeded, type CommandOptions } from './run-command.ts';

/**
 * Where libtensorflow is to come from: the folder in `KINETUNE_LIBTENSORFLOW`; else the wheel that `KINETUNE_TENSORFLOW`
 * names; else the GPU wheel where `nvidia-smi` lists a GPU, and the CPU wheel everywhere else.
 */
export async function chooseSource(options: CommandOptions): Promise<NativeSource> {
  const folder = options.env['KINETUNE_LIBTENSORFLOW'];
  if (folder) return { kind: 'folder', folder };
  const wanted = wantedVariant(options.env);
  if (wanted) return { kind: 'wheel', variant: wanted };
  return { kind: 'wheel', variant: (await hasNvidiaGpu(options)) ? 'gpu' : 'cpu' };
}

async function hasNvidiaGpu(options: CommandOptions): Promise<boolean> {
  // The wheel for 64-bit ARM has no CUDA code.
  if (process.arch !== 'x64' || findProgram('nvidia-smi', options.env) === undefined) return false;
  const listing = await runCommand('nvidia-smi', ['--list-gpus'], options);
  return succeeded(listing) && /^GPU \d+:/m.test(listing.stdout);
}
