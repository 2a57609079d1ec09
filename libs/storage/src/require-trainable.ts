/** A study that was measured elsewhere is history: it is read, reported and started from, and never trained here. */
import { InputError } from '@kinetune/study';
import type { Study } from './study.ts';

/** @throws InputError for an imported study, before anything of it would be queued, proposed or set running. */
export function requireTrainable({ name, trainer }: Pick<Study, 'name' | 'trainer'>): void {
  if (trainer.kind !== 'imported') return;
  throw new InputError(
    'study-imported',
    `expected a study that can be trained, and ${name} was imported from ${trainer.source}: what trained it is not here. Write a study file of another name, with \`from: ${name}\` to start from its results`,
  );
}
