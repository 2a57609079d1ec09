/** A study that was measured elsewhere cannot be trained here. */
import type { Study } from '@kinetune/storage';
import { InputError } from '@kinetune/study';

/** @throws InputError for an imported study. */
export function requireTrainable({ name, trainer }: Pick<Study, 'name' | 'trainer'>): void {
  if (trainer.kind !== 'imported') return;
  throw new InputError(
    'study-imported',
    `expected a study that can be trained, and ${name} was imported from ${trainer.source}: what trained it is not here. Give the study file another name, and \`from: ${name}\` to start from its results`,
  );
}
