/** How well curve diagnosis finds causes that were planted in real trainings; `--help` says how to run it. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HALVES, plannedRuns, type Half } from './planned-runs.ts';
import { PLANTS } from './plants/index.ts';
import { scoreRuns, type LabelScore } from './score.ts';
import { staleRuns } from './stale-runs.ts';
import { readStoredRuns, writeStoredRuns } from './stored-run.ts';

const USAGE = `How well curve diagnosis finds causes that were planted in real trainings, label by label, on the half of the seeds that
thresholds were chosen on and on the half that was held back until they were frozen.

  npm run benchmark:curves                 from the stored curves
  npm run benchmark:curves -- --rerun      trains every run again and stores it (about an hour of one core)
  npm run benchmark:curves -- --wrong      also names the runs that were missed or wrongly found

--rerun needs libtensorflow, the watch data (fetched) and HAPT's raw recordings (KINETUNE_TEST_DATA); stopped, it goes on where it
was from the file that --progress names.`;

const { values: options } = parseArgs({
  options: {
    rerun: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
    progress: { type: 'string', default: '.kinetune/curves-benchmark.jsonl' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  console.log(USAGE);
  process.exit();
}

if (options.rerun) {
  const { trainRuns } = await import('./train-runs.ts');
  const progressFile = resolve(import.meta.dirname, '../..', options.progress);
  const runs = await trainRuns(plannedRuns(), { progressFile, onProgress: (message) => console.error(message) });
  console.log(`stored ${runs.length} runs in ${Math.round(writeStoredRuns(runs) / 1000)} kB`);
}

const runs = readStoredRuns();
const stale = staleRuns(runs);
if (stale.length > 0) {
  console.error(
    `${stale[0]}\n${stale.length} such: the stored curves are not those of this script; run it with --rerun`,
  );
  process.exit(1);
}
console.log(`${runs.length} trainings, ${runs.filter(({ label }) => label === null).length} of them healthy\n`);
for (const half of HALVES) printHalf(half);
console.log(
  'A planted run counts if its statistic moved by 3 standard deviations of seed noise, and reached its floor:',
);
for (const { label, statisticName, atLeast } of PLANTS)
  console.log(`  ${label}: ${statisticName}, at least ${Number(atLeast.toFixed(3))}`);

function printHalf(half: Half): void {
  const scores = scoreRuns(runs, half);
  console.log(`${half} half`);
  console.log('label              planted counted  found recall | negatives  wrong precision');
  for (const score of scores) {
    const { label, planted, counted, truePositives, negatives, falsePositives, precision, recall } = score;
    const cells = [planted, counted, truePositives].map((count) => String(count).padStart(7)).join(' ');
    const others = [negatives, falsePositives].map((count) => String(count).padStart(7)).join(' ');
    console.log(`${label.padEnd(18)} ${cells} ${show(recall)} |   ${others}   ${show(precision)}`);
    if (options.wrong) printWrong(score);
  }
  console.log('');
}

function printWrong({ missed, wrong }: LabelScore): void {
  for (const { seed, cause } of missed) console.log(`    missed: seed ${seed}, ${cause}`);
  for (const { seed, cause, label } of wrong) console.log(`    wrong: seed ${seed}, ${label ?? 'healthy'}, ${cause}`);
}

function show(share: number | null): string {
  return share === null ? '   -  ' : share.toFixed(3).padStart(6);
}
