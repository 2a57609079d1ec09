/** Deletes a study and is killed on the way: before the commit, or after it and before its files are removed. */
import { findStudyByName, openStorage } from '@kinetune/storage';
import { deleteStudy } from '../studies/delete-study.ts';

const [home = '', name = '', moment = ''] = process.argv.slice(2);
await using storage = await openStorage(home);
const study = await findStudyByName(storage.db, name);
if (study === undefined) throw new Error(`expected a study called ${name}`);
await deleteStudy(storage.db, study.id, {
  store: home,
  confirmedName: name,
  onMoment(reached) {
    if (reached !== moment) return;
    process.kill(process.pid, 'SIGKILL');
  },
});
