/** `kinetune clean`: removes checkpoints and uploads that nobody needs. */
import { Command, Option } from 'commander';
import { cleanCheckpoints } from '../checkpoints/clean-checkpoints.ts';
import { cleanUploads } from '../server/clean-uploads.ts';
import { count, formatBytes } from '../terminal/format.ts';
import { addCommonOptions, checkpointStoreOption } from './common-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { openHome } from './open-home.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome } from './paths.ts';
import { addRetentionOptions, retentionRules, uploadRules, type RetentionFlags } from './retention-options.ts';
import { runCommand } from './run-command.ts';
import { resolveStore } from './start-work.ts';

interface CleanFlags extends OutputFlags, RetentionFlags {
  readonly home?: string;
  readonly store?: string;
  readonly dryRun?: boolean;
}

export function cleanCommand(): Command {
  const command = new Command('clean')
    .description('remove checkpoints by a rule or down to a quota, and uploads that no study trains on')
    .addOption(new Option('--dry-run', 'only say what would go'))
    .addOption(checkpointStoreOption());
  return addCommonOptions(addRetentionOptions(command))
    .addHelpText(
      'after',
      `
Never removed: checkpoints of trials that run, wait or may be tried again, of adopted configurations, and the weights of each study's
best trials; recordings that a study trains on. kinetune serve does the same every five minutes by the same options.

Examples:
  kinetune clean --keep-checkpoints best --dry-run
  kinetune clean --quota 10GB`,
    )
    .action((flags: CleanFlags) => runCommand(flags, (output) => clean(flags, output)));
}

async function clean(flags: CleanFlags, output: Output): Promise<number> {
  const home = resolveHome(flags.home);
  await using storage = await openHome(home);
  const isDry = flags.dryRun === true;
  const store = resolveStore(flags.store, home);
  const retention = await cleanCheckpoints(storage.db, { ...retentionRules(flags), store, isDry });
  const { removals, totalBytes, keptBytes, excessBytes } = retention;
  const uploads = await cleanUploads(storage.db, { ...uploadRules(flags), home, now: new Date(), isDry });
  const uploadBytes = uploads.reduce((sum, { bytes }) => sum + bytes, 0);
  output.json({ isDry, ...retention, uploads });
  output.result([
    ...removals.map(({ path, bytes, reason }) => `${path}  ${formatBytes(bytes)}  by the ${reason}`),
    ...uploads.map(({ path, bytes }) => `${path}  ${formatBytes(bytes)}  no study trains on it`),
    `${count(removals.length, 'checkpoint')}, ${formatBytes(totalBytes - keptBytes)} of ${formatBytes(totalBytes)}, ${isDry ? 'would go' : 'went'}.`,
    ...(uploads.length === 0
      ? []
      : [`${count(uploads.length, 'upload')}, ${formatBytes(uploadBytes)}, ${isDry ? 'would go' : 'went'}.`]),
    ...(excessBytes === 0 ? [] : [`${formatBytes(excessBytes)} beyond the quota are left: all of it has to be kept.`]),
  ]);
  return EXIT_CODES.ok;
}
