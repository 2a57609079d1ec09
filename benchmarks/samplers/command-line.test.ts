import { describe, expect, it } from 'vitest';
import { parseCommand } from './command-line.ts';

describe('the command line', () => {
  it('counts seeds from 1, or takes a range', () => {
    expect(parseCommand(['--seeds', '3'])?.seeds).toEqual([1, 2, 3]);
    expect(parseCommand(['--seeds', '121-123'])?.seeds).toEqual([121, 122, 123]);
  });

  it('gives the rivals the same seeds, unless others are named', () => {
    expect(parseCommand(['--seeds', '7-8'])?.rivalSeeds).toEqual([7, 8]);
    expect(parseCommand(['--seeds', '7-8', '--rival-seeds', '2'])).toMatchObject({ seeds: [7, 8], rivalSeeds: [1, 2] });
  });

  it.each(['0', '5-3', '0-3', '1-', 'a', '1.5'])('refuses %s as seeds', (text) => {
    expect(() => parseCommand(['--seeds', text])).toThrow(/--seeds: expected .* got/);
  });
});
