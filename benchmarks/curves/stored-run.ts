/** A run as it is stored, and the files that hold them: JSON under brotli, numbers rounded to what a plot could show. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { CurveLabel } from '@kinetune/search';
import { halfOf, HALVES, type Half } from './planned-runs.ts';
import type { ConfusionMatrix, EpochDetail, Measurement, Spread } from '@kinetune/study';

export interface StoredRun {
  readonly seed: number;
  /** What was planted; null for the healthy run of the seed. */
  readonly label: CurveLabel | null;
  readonly cause: string;
  readonly period: number | null;
  /** Of the description that it was trained from; another one makes the stored run stale. */
  readonly fingerprint: string;
  readonly recordings: string;
  readonly family: string;
  readonly totalEpochs: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  readonly validationCount: number;
  readonly divergedAtEpoch: number | null;
  readonly confusionMatrix: ConfusionMatrix | null;
  readonly measurements: readonly Measurement[];
}

export const STORED_FILES: Readonly<Record<Half, string>> = {
  tuning: join(import.meta.dirname, 'results', 'curves.json.br'),
  'held back': join(import.meta.dirname, 'results', 'curves-held-back.json.br'),
};

/** Columns of what is stored an evaluation, apart from the parts of the epoch. */
const METRICS = [
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'validationMacroF1',
  'learningRate',
  'gradientNorm',
] as const;

type PackedSpreads = readonly (number | null | readonly (number | null)[])[];
type PackedRun = Omit<StoredRun, 'measurements'> & {
  /** Columns: steps, epochs, clipped shares, then the metrics. */
  readonly columns: readonly (readonly (number | null)[])[];
  readonly trainLoss: readonly PackedSpreads[];
  readonly gradientNorm: readonly PackedSpreads[];
};

export function readStoredRuns(): readonly StoredRun[] {
  return HALVES.flatMap((half) =>
    (JSON.parse(brotliDecompressSync(readFileSync(STORED_FILES[half])).toString('utf8')) as readonly PackedRun[]).map(
      unpacked,
    ),
  );
}

/** Returns the bytes written. */
export function writeStoredRuns(runs: readonly StoredRun[]): number {
  const sizes = HALVES.map((half) => {
    const own = runs.filter(({ seed }) => halfOf(seed) === half).map(packed);
    const text = JSON.stringify(own);
    const bytes = brotliCompressSync(text, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      },
    });
    mkdirSync(dirname(STORED_FILES[half]), { recursive: true });
    writeFileSync(STORED_FILES[half], bytes);
    return bytes.length;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** As the file gives it back. */
export function asStored(run: StoredRun): StoredRun {
  return unpacked(JSON.parse(JSON.stringify(packed(run))) as PackedRun);
}

function packed({ measurements, ...facts }: StoredRun): PackedRun {
  const column = (of: (measurement: Measurement) => number | null | undefined, digits: number) =>
    measurements.map((measurement) => rounded(of(measurement) ?? null, digits));
  return {
    ...facts,
    columns: [
      column(({ step }) => step, 9),
      column(({ epoch }) => epoch, 6),
      column(({ detail }) => detail?.clippedShare, 3),
      ...METRICS.map((name) => column(({ values }) => values[name], 4)),
    ],
    trainLoss: measurements.map(({ detail }) => packedSpreads(detail?.trainLoss ?? [])),
    gradientNorm: measurements.map(({ detail }) => packedSpreads(detail?.gradientNorm ?? [])),
  };
}

function unpacked({ columns, trainLoss, gradientNorm, ...facts }: PackedRun): StoredRun {
  const [steps = [], epochs = [], clipped = [], ...metrics] = columns;
  return {
    ...facts,
    measurements: steps.map((step, i) => {
      const detail: EpochDetail = {
        trainLoss: (trainLoss[i] ?? []).map(unpackedSpread),
        gradientNorm: (gradientNorm[i] ?? []).map(unpackedSpread),
        clippedShare: clipped[i] ?? 0,
      };
      const values = Object.fromEntries(METRICS.map((name, m) => [name, metrics[m]?.[i] ?? null]));
      return { step: step as number, epoch: epochs[i] as number, values, detail };
    }),
  };
}

/** A part of one step has one value. */
function packedSpreads(spreads: readonly Spread[]): PackedSpreads {
  return spreads.map(({ minimum, mean, maximum }) => {
    const three = [minimum, mean, maximum].map((value) => rounded(value, 3));
    return three[0] === three[2] ? (three[0] as number | null) : three;
  });
}

function unpackedSpread(value: PackedSpreads[number]): Spread {
  if (value === null || typeof value === 'number') return { minimum: value, mean: value, maximum: value };
  const [minimum = null, mean = null, maximum = null] = value;
  return { minimum, mean, maximum };
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toPrecision(digits));
}
