import { createRng, type Values } from '@kinetune/study';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { trials } from '../schema/index.ts';
import { listTrials } from '../trials.ts';
import {
  countTrialsMatching,
  TRIAL_SORT_KEYS,
  trialPage,
  trialPosition,
  type TrialFilter,
  type TrialOrder,
} from '../trial-page.ts';
import type { Trial } from '../trial.ts';
import type { DatabaseOf } from './describe-storage.ts';
import { runningStudy } from './running-study.ts';

export function describeTrialPage(databaseOf: DatabaseOf): void {
  describe('pages of trials', () => {
    /** A study of 40 trials, some without a value, many with the same. */
    async function manyTrials() {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      const rng = createRng(7);
      for (let number = 0; number < 40; number++) {
        const values: Values = rng.next() < 0.8 ? { learningRate: [0.1, 1e-5, 7, 30][rng.integer(4)] as number } : {};
        await propose(number, [1], values);
      }
      for (const { id } of await listTrials(db, study.id)) {
        const hasEnded = rng.next() < 0.7;
        await db
          .update(trials)
          .set({
            state: hasEnded ? 'COMPLETED' : 'QUEUED',
            bestValue: rng.next() < 0.8 ? rng.integer(4) / 4 : null,
            weightCount: rng.next() < 0.5 ? rng.integer(3) : null,
            finishedAt: hasEnded ? new Date(1000 * rng.integer(10)) : null,
            startedAt: hasEnded ? new Date(1000 * rng.integer(10)) : null,
          })
          .where(eq(trials.id, id));
      }
      return { db, study };
    }

    async function walk(order: TrialOrder, filter: TrialFilter, { isReversed }: { isReversed: boolean }) {
      const { db, study } = await manyTrials();
      const found: Trial[] = [];
      for (;;) {
        const last = found.at(-1);
        const position = last && trialPosition(last, order);
        const page = await trialPage(db, study.id, {
          filter,
          order,
          limit: 7,
          isReversed,
          ...(isReversed ? { before: position } : { after: position }),
        });
        found.push(...page);
        if (page.length < 7) break;
      }
      return { found, all: await listTrials(db, study.id), count: await countTrialsMatching(db, study.id, filter) };
    }

    /** The order as JavaScript has it. */
    function sorted(all: readonly Trial[], order: TrialOrder): readonly number[] {
      const { isDescending } = order;
      const key = (trial: Trial): number | null => {
        const value = order.by === 'hyperparameter' ? trial.values[order.hyperparameter] : trial[order.by];
        return value === undefined || value === null ? null : Number(value);
      };
      return [...all]
        .sort((a, b) => {
          const [x, y] = [key(a), key(b)];
          if (x === null || y === null) return Number(x === null) - Number(y === null) || a.number - b.number;
          return (isDescending ? y - x : x - y) || a.number - b.number;
        })
        .map(({ number }) => number);
    }

    const orders = TRIAL_SORT_KEYS.flatMap((by) =>
      [false, true].map((isDescending): TrialOrder => {
        return by === 'hyperparameter' ? { by, hyperparameter: 'learningRate', isDescending } : { by, isDescending };
      }),
    );
    it.each(orders)(
      'hold every trial once by $by (descending: $isDescending), forwards and backwards',
      async (order) => {
        const forwards = await walk(order, {}, { isReversed: false });
        expect(forwards.found.map(({ number }) => number)).toEqual(sorted(forwards.all, order));
        expect(forwards.count).toBe(40);
        const backwards = await walk(order, {}, { isReversed: true });
        expect(backwards.found.map(({ number }) => number).reverse()).toEqual(sorted(backwards.all, order));
      },
    );

    it('hold what matches the filter alone', async () => {
      const filter = { states: ['COMPLETED'], bestValue: { minimum: 0.25, maximum: 0.5 } } as const;
      const { found, all, count } = await walk({ by: 'number', isDescending: false }, filter, { isReversed: false });
      const expected = all.filter(
        ({ state, bestValue }) => state === 'COMPLETED' && bestValue !== null && bestValue >= 0.25 && bestValue <= 0.5,
      );
      expect(expected.length).toBeGreaterThan(3);
      expect(found.map(({ number }) => number)).toEqual(expected.map(({ number }) => number));
      expect(count).toBe(expected.length);
    });

    it('sort values of a choice as text, whatever quotes they hold', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      const words = ['sgd', `o'neil "x"`, 'adam', 'lion'];
      for (const [number, optimizer] of words.entries()) await propose(number, [1], { optimizer });
      const order: TrialOrder = { by: 'hyperparameter', hyperparameter: 'optimizer', isDescending: true };
      const options = { filter: {}, order, limit: 2, isReversed: false };
      const first = await trialPage(db, study.id, options);
      const after = trialPosition(first.at(-1) as Trial, order);
      const found = [...first, ...(await trialPage(db, study.id, { ...options, after }))];
      expect(found.map(({ values }) => values['optimizer'])).toEqual(['sgd', `o'neil "x"`, 'lion', 'adam']);
    });

    it('are filtered by hyperparameters', async () => {
      const db = databaseOf();
      const { study, propose } = await runningStudy(db);
      const values: readonly Values[] = [
        { optimizer: 'adam', learningRate: 1e-3 },
        { optimizer: 'adam', learningRate: 1e-2 },
        { optimizer: 'sgd', learningRate: 1e-1 },
        { optimizer: 'sgd' },
      ];
      for (const [number, one] of values.entries()) await propose(number, [1], one);
      const numbersOf = async (hyperparameters: TrialFilter['hyperparameters']) =>
        (
          await trialPage(db, study.id, {
            filter: hyperparameters === undefined ? {} : { hyperparameters },
            order: { by: 'number', isDescending: false },
            limit: 10,
            isReversed: false,
          })
        ).map(({ number }) => number);
      expect(await numbersOf([{ name: 'learningRate', minimum: 5e-3 }])).toEqual([1, 2]);
      expect(await numbersOf([{ name: 'learningRate' }])).toEqual([0, 1, 2]);
      expect(await numbersOf([{ name: 'optimizer', anyOf: ['sgd'] }])).toEqual([2, 3]);
      expect(await numbersOf([{ name: 'optimizer', anyOf: [] }])).toEqual([]);
      expect(await numbersOf([{ name: "x' or 1=1 --", minimum: 0 }])).toEqual([]);
      expect(await numbersOf([{ name: 'optimizer', minimum: 0 }])).toEqual([]);
    });
  });
}
