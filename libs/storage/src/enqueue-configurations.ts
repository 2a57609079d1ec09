/** Configurations that a person gives: after those there are, checked under the study's lock. */
import { InputError, type FieldProblem, type Values } from '@kinetune/study';
import { eq } from 'drizzle-orm';
import { changeStudy } from './change-study.ts';
import { createConfiguration, nextConfigurationNumber, type NewConfiguration } from './configurations.ts';
import type { Configuration } from './configuration.ts';
import type { Database } from './database.ts';
import { configurations } from './schema/index.ts';
import { setStudyState } from './studies.ts';
import type { Study } from './study.ts';

/** What is to be trained, from the study as it is and the number of the first; it may refuse. */
export type GivenConfigurations = (study: Study, firstNumber: number) => readonly NewConfiguration[];

/**
 * Queues them all or none. They count against the budget; a completed study that has some left runs again.
 * @throws InputError for a cancelled study, for more than the budget has left, and naming each that the study has already.
 */
export async function enqueueConfigurations(
  db: Database,
  studyId: string,
  given: GivenConfigurations,
): Promise<readonly Configuration[]> {
  return changeStudy(db, studyId, async ({ db: tx, study }) => {
    if (study.state === 'CANCELLED')
      throw new InputError('study-cancelled', `expected a study that can go on, and ${study.name} was cancelled`);
    const first = await nextConfigurationNumber(tx, studyId);
    const proposals = given(study, first);
    const end = study.budget.trials + (study.exploit?.trials ?? 0);
    if (first + proposals.length > end)
      throw new InputError(
        'budget-spent',
        `expected at most ${Math.max(0, end - first)} configurations, what is left of the budget of ${end} of ${study.name}, got ${proposals.length}: extend the budget first`,
      );
    refuseKnown(proposals, await tx.select().from(configurations).where(eq(configurations.studyId, studyId)));
    const created: Configuration[] = [];
    for (const proposal of proposals) created.push((await createConfiguration(tx, studyId, proposal)).configuration);
    if (study.state === 'COMPLETED') await setStudyState(tx, studyId, 'RUNNING');
    return created;
  });
}

function refuseKnown(
  proposals: readonly NewConfiguration[],
  existing: readonly Pick<Configuration, 'number' | 'values'>[],
): void {
  const numbers = new Map(existing.map(({ number, values }) => [keyOf(values), number]));
  const problems = proposals.flatMap(({ values }, index): FieldProblem[] => {
    const number = numbers.get(keyOf(values));
    if (number === undefined) return [];
    const message = `expected a new configuration, got configuration ${number} again: leave it out, or replicate that one`;
    return [{ field: [String(index)], message }];
  });
  if (problems.length > 0)
    throw new InputError(
      'configuration-exists',
      problems.map(({ field, message }) => `${Number(field[0]) + 1}. ${message}`).join('\n'),
      { problems },
    );
}

function keyOf(values: Values): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
