import { expect, it } from 'vitest';
import { naturalOrder } from './natural-order.ts';

it('orders numbers inside names by value, the rest by character', () => {
  const names = ['user10', '10', 'user9', '2', 'a', '01', '1', 'user9b', 'B'];
  expect(names.sort(naturalOrder)).toEqual(['01', '1', '2', '10', 'B', 'a', 'user9', 'user9b', 'user10']);
});
