import { expect, it } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

it('gives whole lines, whatever the chunks, a character in two of them included', () => {
  const splitter = createLineSplitter(100);
  const bytes = Buffer.from('{"a":"é"}\n{"b":1}\nrest');
  const lines = Array.from(bytes, (_, index) => splitter.push(bytes.subarray(index, index + 1))).flat();
  expect(lines).toEqual(['{"a":"é"}', '{"b":1}']);
});

it('refuses a line without an end rather than filling the memory', () => {
  const splitter = createLineSplitter(10);
  expect(() => splitter.push(Buffer.from('x'.repeat(11)))).toThrow('longer than 10');
  expect(splitter.push(Buffer.from('ok\n'))).toEqual(['ok']);
});
