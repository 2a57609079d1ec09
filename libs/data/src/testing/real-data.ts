import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');

/** Real recordings for tests: KINETUNE_TEST_DATA, else `shared/data` beside the repository. */
export const REAL_DATA_FOLDER = resolve(ROOT, process.env['KINETUNE_TEST_DATA'] || '../shared/data');
export const HAS_REAL_DATA = existsSync(join(REAL_DATA_FOLDER, 'uci-hapt/hapt-raw.zip'));
/** For the names of tests that are skipped. */
export const NO_REAL_DATA = HAS_REAL_DATA ? '' : ' (skipped: no recordings; name their folder in KINETUNE_TEST_DATA)';

/** The watch data that `kinetune data fetch watch` keeps. */
export const WATCH_PATH = resolve(
  ROOT,
  process.env['KINETUNE_HOME'] || '.kinetune',
  'datasets/watch/watch_dataset.npy',
);
export const HAS_WATCH = existsSync(WATCH_PATH);
export const NO_WATCH = HAS_WATCH ? '' : ' (skipped: no watch data; run npx kinetune data fetch watch)';
