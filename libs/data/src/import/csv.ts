import { InputError } from '@kinetune/study';
import type { Channel, Recording } from '../recording.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { csvChannel } from './csv-channel.ts';
import { TIME_UNITS } from './csv-options.ts';
import { shownColumns } from './csv-cells.ts';
import type { CsvOptions } from './csv-options.ts';
import { gridOf, sampleGrid, segmentsOf } from './csv-grid.ts';
import { csvRuns, splitAtGaps } from './csv-runs.ts';
import type { CsvRun } from './csv-runs.ts';
import { readCsvTable } from './csv-table.ts';
import type { CsvTable } from './csv-table.ts';
import type { Importer } from './importer.ts';
import { NoteCollector } from './note-collector.ts';

const DEFAULT_MAX_GAP_SAMPLES = 5;
/** More samples than this for every row, and the recording would be made of straight lines. */
const MAX_SAMPLES_PER_ROW = 100;

/** Any files with a header line and a row a sample; all files of a folder are one data set. See `CsvOptions`. */
export const csvImporter: Importer<CsvOptions> = {
  kind: 'csv',
  layout: '*.csv or *.tsv with a header such as time,x,y,z,label,subject',
  find(source) {
    const tables = source.entries
      .filter(({ path }) => /\.(csv|tsv)$/i.test(path) || source.kind === 'file')
      .map(({ path }) => path);
    return tables.length === 0 ? [] : [{ root: '', entryPaths: tables }];
  },
  async read(source, match, { contentHash, ...options }) {
    checkOptions(options);
    const notes = new NoteCollector();
    const tables: CsvTable[] = [];
    const runs: CsvRun[] = [];
    for (const entryPath of match.entryPaths) {
      const table = readCsvTable(await source.read(entryPath), source.place(entryPath), options);
      const first = tables[0] ?? table;
      if (table.channels.join() !== first.channels.join()) {
        throw new InputError(
          'csv-channels-differ',
          `expected the channels ${shownColumns(first.channels)}, as in ${first.file}, got ${shownColumns(table.channels)}.`,
          { file: table.file, line: 1 },
        );
      }
      tables.push(table);
      if (table.unnamedCount > 0) {
        notes.add(
          'csv-unnamed-columns',
          'Columns without a name, such as an index of rows; left out.',
          table.file,
          table.unnamedCount,
        );
      }
      const stem = entryPath.replace(/\.\w+$/, '');
      if (table.subjects === undefined)
        notes.add(
          'csv-no-subject',
          "Files without a person's column; the file's name stands for the person.",
          table.file,
        );
      runs.push(...csvRuns(table, stem, notes));
    }
    const first = tables[0] as CsvTable;
    const { channels, factors } = channelsOf(first, options);
    const periodSeconds = medianStep(runs);
    const sampleRateHz = options.sampleRateHz ?? rateOf(periodSeconds, first.file);
    const labels =
      options.labels ??
      [...new Set(tables.flatMap((table) => [...new Set(table.labels)]))].filter((label) => label !== '').sort();
    if (labels.length === 0)
      throw new InputError('csv-unlabelled', 'expected labels in the label column, got empty cells only.', {
        file: first.file,
      });

    const recordings: Recording[] = [];
    const ids = new Map<string, number>();
    const maxStep = (options.maxGapSamples ?? DEFAULT_MAX_GAP_SAMPLES) * (periodSeconds ?? 1 / sampleRateHz);
    for (const run of runs) {
      for (const rows of splitAtGaps(run, maxStep, notes)) {
        const place = `${run.table.file}:${run.table.lines[rows[0] as number]}`;
        checkGrid(run.table, rows, sampleRateHz);
        const grid = gridOf(run.table, rows, sampleRateHz);
        if (grid.isResampled) notes.add('resampled', `Recordings put on an even ${sampleRateHz} Hz (linear).`, place);
        const name = run.recording === '' ? `subject-${run.subject}` : `subject-${run.subject}-${run.recording}`;
        const base =
          tables.length === 1 ? name : `${run.table.file.slice(source.place('').length).replace(/^[/!]+/, '')}-${name}`;
        const count = (ids.get(base) ?? 0) + 1;
        ids.set(base, count);
        recordings.push({
          id: `${base}-part-${count}`,
          subject: run.subject,
          samples: sampleGrid(run.table, rows, { grid, factors }),
          segments: segmentsOf(run.table, rows, { grid, labels }),
          facts: run.recording === '' ? {} : { recording: run.recording },
        });
      }
    }
    const others = channels.filter(({ quantity }) => quantity === 'other').map(({ name }) => name);
    if (options.channels === undefined && others.length > 0) {
      notes.add(
        'csv-other-channels',
        `Columns whose names tell no quantity were taken as channels too: ${shownColumns(others)}. If they hold no signal, name those that do in channels.`,
        first.file,
        others.length,
      );
    }
    noteSuspectUnits(recordings, channels, notes);
    return assembleDataset({
      kind: 'csv',
      name: match.entryPaths.length === 1 ? (match.entryPaths[0] as string) : source.path,
      isSynthetic: false,
      sampleRateHz,
      channels,
      labels,
      recordings,
      officialSplit: undefined,
      notes: notes.list(),
      contentHash,
      citation: '',
    });
  },
};

function checkOptions({
  sampleRateHz,
  maxGapSamples,
  timeUnit,
  delimiter,
  labels,
  accelerationUnit,
  angularVelocityUnit,
}: CsvOptions): void {
  const refuse = (what: string, got: unknown): never => {
    throw new InputError('csv-options', `expected ${what}, got ${String(got)}.`);
  };
  if (sampleRateHz !== undefined && !(sampleRateHz > 0 && sampleRateHz < 1e5))
    refuse('a sampleRateHz above 0', sampleRateHz);
  if (maxGapSamples !== undefined && !(maxGapSamples >= 1)) refuse('maxGapSamples of 1 or more', maxGapSamples);
  if (timeUnit !== undefined && !TIME_UNITS.includes(timeUnit))
    refuse(`a timeUnit of ${TIME_UNITS.join(', ')}`, timeUnit);
  if (delimiter !== undefined && delimiter.length !== 1) refuse('a delimiter of one character', delimiter);
  if (labels !== undefined && (labels.length === 0 || new Set(labels).size < labels.length))
    refuse('labels that are different names', labels.join(', ') || 'none');
  if (accelerationUnit !== undefined && !['g', 'm/s2'].includes(accelerationUnit))
    refuse('an accelerationUnit g or m/s2', accelerationUnit);
  if (angularVelocityUnit !== undefined && !['rad/s', 'deg/s'].includes(angularVelocityUnit))
    refuse('an angularVelocityUnit rad/s or deg/s', angularVelocityUnit);
}

function channelsOf(
  table: CsvTable,
  options: CsvOptions,
): { readonly channels: readonly Channel[]; readonly factors: readonly number[] } {
  const { accelerationUnit = 'g', angularVelocityUnit = 'rad/s', flip = [] } = options;
  const unknown = flip.find((column) => !table.channels.includes(column));
  if (unknown !== undefined) {
    throw new InputError(
      'csv-column-missing',
      `expected columns to flip among the channels ${shownColumns(table.channels)}, got "${unknown}".`,
      { file: table.file, line: 1 },
    );
  }
  const read = table.channels.map((column) => csvChannel(column, { accelerationUnit, angularVelocityUnit }));
  const names = read.map(({ channel }) => channel.name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    throw new InputError(
      'csv-column-twice',
      `expected each channel once; the columns ${table.channels[names.indexOf(names[twice] as string)]} and ${table.channels[twice]} both read as ${names[twice]}. Name the right one in channels.`,
      { file: table.file, line: 1 },
    );
  }
  return {
    channels: read.map(({ channel }) => channel),
    factors: read.map(({ factor }, index) => (flip.includes(table.channels[index] as string) ? -factor : factor)),
  };
}

/** @throws InputError where the grid would be far finer than the rows: a rate, a unit of time or a gap that cannot be meant */
function checkGrid({ file, times, lines }: CsvTable, rows: readonly number[], sampleRateHz: number): void {
  if (times === undefined || rows.length < 2) return;
  const seconds = (times[rows.at(-1) as number] as number) - (times[rows[0] as number] as number);
  if (seconds * sampleRateHz <= MAX_SAMPLES_PER_ROW * rows.length) return;
  throw new InputError(
    'csv-rate',
    `expected at most ${MAX_SAMPLES_PER_ROW} samples for each row, got ${rows.length} rows over ${Number(seconds.toPrecision(6))} s for ${sampleRateHz} Hz. Lower sampleRateHz or maxGapSamples, or say the timeUnit (${TIME_UNITS.join(', ')}).`,
    { file, line: lines[rows[0] as number] as number },
  );
}

/** Seconds between rows, the median over all runs; undefined without a time column. */
function medianStep(runs: readonly CsvRun[]): number | undefined {
  const timed = runs.filter(({ table }) => table.times !== undefined);
  const steps = new Float64Array(timed.reduce((sum, { rows }) => sum + rows.length - 1, 0));
  let filled = 0;
  for (const { table, rows } of timed) {
    const times = table.times as readonly number[];
    for (let i = 1; i < rows.length; i++)
      steps[filled++] = (times[rows[i] as number] as number) - (times[rows[i - 1] as number] as number);
  }
  steps.sort();
  return steps[Math.floor(steps.length / 2)];
}

function rateOf(periodSeconds: number | undefined, file: string): number {
  const rate = 1 / (periodSeconds ?? NaN);
  if (!(rate >= 1 && rate <= 10_000)) {
    throw new InputError(
      'csv-rate',
      `expected 1 to 10,000 samples a second, got ${periodSeconds === undefined ? 'no two rows of one person and recording that follow each other in time' : `a median step of ${periodSeconds} s`}. Say the timeUnit (${TIME_UNITS.join(', ')}) or the sampleRateHz (data.csv of a study file, --csv of data inspect).`,
      { file },
    );
  }
  // A clock's rounding must not make 50 Hz into 49.98.
  return Math.abs(rate - Math.round(rate)) < 1e-3 * rate ? Math.round(rate) : rate;
}

/** Gravity tells the unit: a still sensor measures 1 g, hence a mean length near 9.8 where m/s² was read as g. */
function noteSuspectUnits(recordings: readonly Recording[], channels: readonly Channel[], notes: NoteCollector): void {
  const axes = ['accX', 'accY', 'accZ'].map((name) => channels.findIndex((channel) => channel.name === name));
  if (axes.includes(-1)) return;
  let sum = 0;
  let count = 0;
  for (const { samples } of recordings) {
    for (let at = 0; at < samples.length; at += channels.length) {
      sum += Math.hypot(...axes.map((axis) => samples[at + axis] as number));
      count++;
    }
  }
  const mean = sum / count;
  if (mean > 4 || mean < 0.25) {
    notes.add(
      'unit-suspect',
      `The mean length of the acceleration is ${mean.toPrecision(3)} g, where a worn sensor measures about 1 g. Check accelerationUnit (g or m/s2).`,
    );
  }
}
