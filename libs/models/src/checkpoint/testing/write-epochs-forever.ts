/** A process for tests to kill: commits epochs to the folder it is given and prints each step once it is durable. */
import { commitEpoch } from '../trial-folder.ts';
import { exampleEpoch } from './example-epoch.ts';

const [folder, padding] = process.argv.slice(2);
let previous: readonly number[] = [];
for (let epoch = 1; epoch < 100_000; epoch++) {
  const finished = exampleEpoch(epoch, Number(padding ?? 200));
  await commitEpoch(folder as string, finished, previous);
  previous = finished.bestSteps;
  process.stdout.write(`${finished.state.step}\n`);
}
