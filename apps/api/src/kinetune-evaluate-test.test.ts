/** The one look at the test people, with the built-in trainer: over the API, then refused and forced on the command line. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { QUESTION_IDS } from '@kinetune/search';
import { findStudyByName, listTestEvaluationsOfStudy } from '@kinetune/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeBehaviour } from './testing/fake-trainer.ts';
import { runKinetune } from './testing/kinetune-process.ts';
import { prepareHomes, type PreparedHomes } from './testing/prepared-home.ts';
import { serveApi } from './testing/served-api.ts';
import { writeSmallStudy } from './testing/small-study.ts';

const LOOKED = `... on TestEvaluation { trial { number } evaluation {
  split accuracy isContaminated reason evaluatedBy perSubject { subject } } }`;

describe('evaluating on the test people', () => {
  let homes: PreparedHomes;
  beforeAll(async () => void (homes = await prepareHomes()), 120_000);
  afterAll(() => homes[Symbol.dispose]());

  it('happens once, with the adopted configuration, and is logged; a second look is forced and contaminated', async () => {
    const home = homes.create();
    const file = writeSmallStudy(join(homes.folder, 'looked'), {
      name: 'looked',
      trials: 2,
      fixed: ['epochs: { value: 2, reason: fast }'],
    });
    const trained = await runKinetune(['train', file, '-q'], { home, trainer: undefined });
    expect(trained.code, trained.stderr).toBe(0);
    // As where several machines share a folder: the models lie there and not in the home, and windows are cut anew.
    const store = join(homes.folder, 'shared-store');
    mkdirSync(store);
    renameSync(join(home, 'checkpoints'), join(store, 'checkpoints'));

    {
      await using api = await serveApi({ store }, home);
      const study = await findStudyByName(api.db, 'looked');
      const studyId = Buffer.from(`Study:${study?.id}`).toString('base64');
      const mutate = async (name: string, type: string, input: object) => {
        const query = `mutation ($input: ${type}!) { result: ${name}(input: $input) { __typename
          ${name === 'evaluateTest' ? LOOKED : ''}
          ... on Refusal { code field message } } }`;
        const answer = await api.ask(query, { input: { studyId, ...input } });
        expect(answer.errors).toBeUndefined();
        return answer.data.result;
      };
      const look = (input: object) => mutate('evaluateTest', 'EvaluateTestInput', { reason: 'it is chosen', ...input });
      expect(await look({ reason: ' ' })).toMatchObject({ code: 'text-empty', field: ['reason'] });
      expect(await look({})).toMatchObject({ code: 'nothing-adopted', field: ['studyId'] });
      for (const question of QUESTION_IDS)
        await mutate('overrideQuestion', 'OverrideQuestionInput', { question, reason: 'a test' });
      await mutate('adoptConfiguration', 'AdoptionInput', { number: 1, reason: 'a test' });
      expect(await listTestEvaluationsOfStudy(api.db, study?.id as string)).toEqual([]);

      // Reading and cutting recordings is none of the business of the thread that answers requests.
      const threads: string[] = [];
      const noteThread = (worker: Worker): void => void threads.push(worker.threadName ?? '');
      process.on('worker', noteThread);
      const [looked, other] = await Promise.all([look({}), look({})]);
      process.off('worker', noteThread);
      expect(threads).toContain('windows-worker');
      const [first, second] = looked.__typename === 'Refusal' ? [other, looked] : [looked, other];
      expect(first).toMatchObject({
        trial: { number: 1 },
        evaluation: { split: 'TEST', isContaminated: false, reason: 'it is chosen', evaluatedBy: 'local' },
      });
      expect(first.evaluation.perSubject).toHaveLength(2);
      expect(first.evaluation.accuracy).toBeGreaterThan(0);
      expect(second).toMatchObject({ code: 'test-evaluated-before', field: ['force'] });
      expect(await listTestEvaluationsOfStudy(api.db, study?.id as string)).toHaveLength(1);
      expect(api.hidden).toEqual([]);
    }
    const again = (words: readonly string[], trainer?: FakeBehaviour) =>
      runKinetune(
        ['study', 'evaluate-test', 'looked', '--reason', 'once more', '--by', 'ada', '--store', store, ...words],
        { home, trainer },
      );
    expect(await again([])).toMatchObject({ code: 2, stderr: expect.stringContaining('by local (it is chosen)') });
    const other = await again(['--force'], {});
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('fake does not say so in its `ready`') });
    const forced = await again(['--force', '--json']);
    expect(forced.code, forced.stderr).toBe(0);
    expect(JSON.parse(forced.stdout)).toMatchObject({ isContaminated: true, evaluatedBy: 'ada', trial: 1 });
  }, 240_000);
});
