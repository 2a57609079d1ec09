/**
 * The measurements of a trial beside its resume states, so that a trial that continues can send again what its agent lost, and
 * knows its past. One line each: CRC-32 of the JSON in hexadecimal, a space, the JSON. A line is appended and flushed before
 * the state of its step is written, so the log is never behind a state; lines after the state are torn or taken back.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError } from '@kinetune/study';
import type { TrialMeasurement } from '../training/trial-measurement.ts';
import { flushFolder, writeError, writeFileDurably } from './durable-folder.ts';

/** Appends one measurement, durably. */
export async function appendMeasurement(file: string, measurement: TrialMeasurement): Promise<void> {
  try {
    await using handle = await open(file, 'a');
    await handle.writeFile(lineOf(measurement));
    await handle.sync();
  } catch (error) {
    throw writeError(error, file);
  }
}

/**
 * The measurements up to and including `step`, in order.
 * @throws InputError `checkpoint-damaged` when the log does not reach `step` undamaged.
 */
export async function readMeasurements(file: string, step: number): Promise<readonly TrialMeasurement[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const measurements: TrialMeasurement[] = [];
  for (const line of text.split('\n')) {
    const json = line.slice(9);
    if (line.slice(0, 8) !== checksum(json)) break;
    const measurement = JSON.parse(json) as TrialMeasurement;
    if (measurement.step > step) break;
    measurements.push(measurement);
  }
  const last = measurements.at(-1)?.step ?? 0;
  if (last !== step) {
    throw new InputError('checkpoint-damaged', `measurements reach step ${last} of ${step} undamaged`, { file });
  }
  return measurements;
}

/** Makes the log hold exactly `measurements`: what comes after a state that is gone back to is forgotten. */
export async function rewriteMeasurements(file: string, measurements: readonly TrialMeasurement[]): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await rm(unfinished, { force: true });
    await writeFileDurably(unfinished, new TextEncoder().encode(measurements.map(lineOf).join('')));
    await rename(unfinished, file);
    await flushFolder(dirname(file));
  } catch (error) {
    throw writeError(error, file);
  }
}

function lineOf(measurement: TrialMeasurement): string {
  const json = JSON.stringify(measurement);
  return `${checksum(json)} ${json}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
