/** `kinetune data`: public data sets, and what an import would hold. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPublicDataset, fetchWatchData, IMPORT_KINDS, PUBLIC_DATASETS, type ImportKind } from '@kinetune/data';
import { didYouMean, EnvironmentError, InputError, splitSpec, type CsvSpec } from '@kinetune/study';
import { Command, Option } from 'commander';
import { inspectDataset } from '../studies/inspect-dataset.ts';
import { renderInspection } from '../studies/render-inspection.ts';
import { createDownloadReporter } from '../terminal/download-reporter.ts';
import { formatBytes } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import { addCommonOptions, wholeNumber } from './common-options.ts';
import { collectCsvOption, CSV_OPTION_HELP } from './csv-option.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listenForInterruption } from './interruption.ts';
import type { Output, OutputFlags } from './output.ts';
import { resolveHome, resolveInputPath } from './paths.ts';
import { runCommand } from './run-command.ts';

interface DataOptions extends OutputFlags {
  readonly home?: string;
}

interface FetchOptions extends DataOptions {
  readonly baseUrl?: string;
  readonly sha256?: string;
}

interface InspectOptions extends DataOptions {
  readonly kind?: ImportKind;
  readonly csv?: CsvSpec;
  readonly window: number;
  readonly step: number;
  readonly split?: string;
}

/** The quick start's data, which come from the Python index and not from an address of their own. */
const WATCH = {
  title: 'Smart-watch shoulder exercises (Burns et al. 2018), from the Python package seglearn',
  terms: 'BSD-3.',
};

const SPLITS = ['official', 'group-k-fold', 'leave-one-subject-out', 'random-windows'] as const;

export function dataCommand(): Command {
  const command = new Command('data').description('fetch public data sets, and see what an import holds');
  command.addCommand(
    addCommonOptions(new Command('list').description('public data sets, and which are fetched already')).action(
      (options: DataOptions) => runCommand(options, (output) => list(options, output)),
    ),
  );
  command.addCommand(
    addCommonOptions(
      new Command('fetch')
        .description('download a public data set from its official address; a broken download is resumed')
        .argument('<name>', `one of ${datasetNames().join(', ')}`)
        .addOption(new Option('--base-url <url>', 'another place that holds the same file'))
        .addOption(new Option('--sha256 <hash>', 'what the file must hash to'))
        .addOption(new Option('-q, --quiet', 'no progress')),
    ).action((name: string, options: FetchOptions) =>
      runCommand(options, (output) => fetchData(name, options, output)),
    ),
  );
  command.addCommand(
    addCommonOptions(
      new Command('inspect')
        .description('import a folder or file and show what it holds; nothing is written')
        .argument('<path>', 'folder, zip, tar or csv')
        .addOption(
          new Option('--kind <kind>', 'which data set it is (default: told by its layout)').choices(IMPORT_KINDS),
        )
        .addOption(new Option('--csv <name=value>', CSV_OPTION_HELP).argParser(collectCsvOption))
        .addOption(new Option('--window <samples>', 'samples in a window').default(128).argParser(wholeNumber(1)))
        .addOption(
          new Option('--step <samples>', 'samples from one window to the next').default(64).argParser(wholeNumber(1)),
        )
        .addOption(
          new Option('--split <kind>', 'the split to audit (default: official, else group-k-fold)').choices(SPLITS),
        ),
    ).action((path: string, options: InspectOptions) =>
      runCommand(options, (output) => inspect(path, options, output)),
    ),
  );
  return command.addHelpText(
    'after',
    `
Examples:
  kinetune data list
  kinetune data fetch hapt
  kinetune data inspect ../shared/data/uci-hapt --kind hapt-6
  kinetune data inspect my-recordings.csv --window 100 --step 50
  kinetune data inspect my-recordings.csv --csv label=activity --csv subject=user --csv timeUnit=ms`,
  );
}

function datasetNames(): string[] {
  return ['watch', ...Object.keys(PUBLIC_DATASETS)];
}

async function list({ home }: DataOptions, output: Output): Promise<number> {
  const folder = join(resolveHome(home), 'datasets');
  const rows = [
    { name: 'watch', ...WATCH, path: join(folder, 'watch', 'watch_dataset.npy') },
    ...Object.entries(PUBLIC_DATASETS).map(([name, { title, terms, fileName }]) => ({
      name,
      title,
      terms,
      path: join(folder, name, fileName),
    })),
  ].map((row) => ({ ...row, isFetched: existsSync(row.path) }));
  output.json(rows);
  output.result([
    ...renderTable(
      [{ title: 'name' }, { title: 'fetched' }, { title: 'data set' }],
      rows.map(({ name, isFetched, title }) => [name, isFetched ? 'yes' : 'no', title]),
      { width: output.width, indent: '', title: output.resultStyles.dim },
    ),
    '',
    'Terms, by their authors:',
    ...rows.map(({ name, terms }) => `  ${name}: ${terms}`),
    '',
    'Fetch one with: kinetune data fetch <name>. They lie in ' + folder,
  ]);
  return EXIT_CODES.ok;
}

async function fetchData(name: string, options: FetchOptions, output: Output): Promise<number> {
  if (!datasetNames().includes(name)) {
    throw new InputError(
      'dataset-unknown',
      `expected one of ${datasetNames().join(', ')}, got ${name}.${didYouMean(name, datasetNames())}`,
    );
  }
  const home = resolveHome(options.home);
  using interruption = listenForInterruption();
  try {
    if (name === 'watch') {
      const { path, source } = await fetchWatchData({ home, onProgress: output.note, signal: interruption.stop });
      output.result([source === 'cache' ? `watch is there already: ${path}` : `watch is at ${path}`]);
      output.json({ name, path, source });
      return EXIT_CODES.ok;
    }
    using reporter = createDownloadReporter(name, {
      stream: process.stderr,
      isQuiet: output.isQuiet,
      now: () => performance.now(),
    });
    const fetched = await fetchPublicDataset(name, {
      home,
      baseUrl: options.baseUrl,
      sha256: options.sha256,
      onProgress: reporter.onProgress,
      signal: interruption.stop,
    });
    const { path, bytes, sha256, source } = fetched;
    output.result([
      `${name} ${source === 'cache' ? 'is there already' : 'is fetched and imports'}: ${path} (${formatBytes(bytes)}, sha256 ${sha256})`,
    ]);
    output.json({ name, ...fetched });
    return EXIT_CODES.ok;
  } catch (error) {
    if (!interruption.stop.aborted || error instanceof EnvironmentError) throw error;
    output.warn(`Stopped. What has come is kept; the same command goes on from there: kinetune data fetch ${name}`);
    return interruption.exitCode();
  }
}

async function inspect(typed: string, options: InspectOptions, output: Output): Promise<number> {
  const path = resolveInputPath(typed);
  if (!existsSync(path)) throw new InputError('data-missing', `expected a file or folder, found nothing at ${path}`);
  const inspection = await inspectDataset(path, {
    kind: options.kind,
    csv: options.csv,
    window: { length: options.window, step: options.step },
    split: options.split === undefined ? undefined : splitSpec.parse({ kind: options.split }),
  });
  output.result(renderInspection(inspection, { width: output.width, styles: output.resultStyles }));
  output.json(inspection);
  return EXIT_CODES.ok;
}
