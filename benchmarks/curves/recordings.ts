/**
 * The recordings that curves are trained on: windows of 2.56 s at 25 Hz, by person. Small windows, because what is studied is how
 * training goes wrong, not how well it can go.
 */
import { join, resolve } from 'node:path';
import { cutWindows, fetchWatchData, importDataset, resampleDataset, type Windows } from '@kinetune/data';

export const RECORDINGS = ['watch', 'hapt'] as const;
export type RecordingsName = (typeof RECORDINGS)[number];

const ROOT = resolve(import.meta.dirname, '../..');
const SAMPLE_RATE_HZ = 25;

/**
 * `watch` is fetched once; HAPT's raw recordings are read from the folder of test data, `KINETUNE_TEST_DATA`, else `shared/data`
 * beside the repository.
 * @throws InputError, EnvironmentError where one is missing.
 */
export async function readRecordings(): Promise<Readonly<Record<RecordingsName, Windows>>> {
  const home = process.env['KINETUNE_HOME'] || join(ROOT, '.kinetune');
  const watch = await fetchWatchData({ home: resolve(ROOT, home), onProgress: (message) => console.error(message) });
  const testData = resolve(ROOT, process.env['KINETUNE_TEST_DATA'] || '../shared/data');
  return {
    watch: await windowsOf(watch.path, 'watch'),
    hapt: await windowsOf(join(testData, 'uci-hapt'), 'hapt-6'),
  };
}

async function windowsOf(path: string, kind: 'watch' | 'hapt-6'): Promise<Windows> {
  const dataset = resampleDataset(await importDataset(path, { kind }), SAMPLE_RATE_HZ);
  return cutWindows(dataset, { length: 64, step: 32 });
}
