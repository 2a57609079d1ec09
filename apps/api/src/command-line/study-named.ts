/** A study of the home by the name that a person typed. */
import { findStudyByName, listStudies, type Storage, type Study } from '@kinetune/storage';
import { didYouMean, InputError } from '@kinetune/study';

/** @throws InputError with the nearest name and those there are. */
export async function studyNamed({ db, home }: Storage, name: string): Promise<Study> {
  const study = await findStudyByName(db, name);
  if (study !== undefined) return study;
  const names = (await listStudies(db)).map((one) => one.name);
  const known =
    names.length === 0 ? ' There is none yet; start one with: kinetune train' : ` There are: ${names.join(', ')}.`;
  throw new InputError('unknown-study', `no study is called ${name} in ${home}.${didYouMean(name, names)}${known}`);
}
