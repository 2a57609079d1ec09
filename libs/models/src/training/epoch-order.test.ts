import { expect, it } from 'vitest';
import { epochOrder } from './epoch-order.ts';

it('shows every example once an epoch, in an order that depends on the seed and the epoch alone', () => {
  const order = epochOrder(100, { seed: 3, epoch: 7 });
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(epochOrder(100, { seed: 3, epoch: 7 })).toEqual(order);
  expect(epochOrder(100, { seed: 3, epoch: 8 })).not.toEqual(order);
  expect(epochOrder(100, { seed: 4, epoch: 7 })).not.toEqual(order);
});
