/** A study by the name that a person typed. */
import { findStudyByName, listStudies, type Database, type Study } from '@kinetune/storage';
import { didYouMean, InputError } from '@kinetune/study';

/** @throws InputError with the nearest name and those there are. */
export async function studyNamed(db: Database, name: string): Promise<Study> {
  const study = await findStudyByName(db, name);
  if (study !== undefined) return study;
  throw unknownStudy(
    name,
    (await listStudies(db)).map((one) => one.name),
  );
}

export function unknownStudy(name: string, names: readonly string[]): InputError {
  const known =
    names.length === 0 ? ' There is none yet; start one with: kinetune train' : ` There are: ${names.join(', ')}.`;
  return new InputError('unknown-study', `no study is called ${name} here.${didYouMean(name, names)}${known}`);
}
