import { describe, expect, it } from 'vitest';
import { readChoice } from './read-choice.ts';

describe('the address of the models page', () => {
  it('without anything is the first family on the windows of the watch data', () => {
    const { family, values, shape, problems } = readChoice({});
    expect({ family: family.name, values, shape, problems }).toEqual({
      family: 'cnn1d',
      values: {},
      shape: { windowLength: 128, channelCount: 6, classCount: 7 },
      problems: [],
    });
  });

  it("counts the original study's vision transformer", () => {
    const { family, values, shape } = readChoice({
      family: 'vit1d',
      windowLength: '80',
      channelCount: '3',
      classCount: '6',
      patchSize: '8',
      embeddingSize: '256',
      blockCount: '6',
      headCount: '10',
      mlpSize: '2048',
    });
    expect(family.weightCount(values, shape)).toBe(10_257_206);
  });

  it('keeps what it can read and names what it cannot', () => {
    const { values, shape, problems } = readChoice({
      family: 'vit1d',
      windowLength: '1e9',
      headCount: 'many',
      blockCount: '2.5',
      mlpSize: ['64', '128'],
    });
    expect(values).toEqual({ mlpSize: 64 });
    expect(shape.windowLength).toBe(128);
    expect(problems).toEqual([
      'Window length: expected a whole number from 1 to 100000, got "1e9"',
      'blockCount: expected a whole number from 1 to 64, got "2.5"',
      'headCount: expected a whole number from 1 to 64, got "many"',
    ]);
  });
});
