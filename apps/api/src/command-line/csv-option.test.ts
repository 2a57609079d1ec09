import { describe, expect, it } from 'vitest';
import { collectCsvOption } from './csv-option.ts';

describe('--csv', () => {
  it('gathers names and values, lists by commas, numbers as numbers', () => {
    const options = ['label=the activity', 'channels=ax, ay,az', 'sampleRateHz=50', 'timeUnit=ms', 'delimiter=;'];
    expect(options.reduce<ReturnType<typeof collectCsvOption>>((all, one) => collectCsvOption(one, all), {})).toEqual({
      label: 'the activity',
      channels: ['ax', 'ay', 'az'],
      sampleRateHz: 50,
      timeUnit: 'ms',
      delimiter: ';',
    });
  });

  it.each([
    ['lable=x', /Did you mean label\?/],
    ['label', /Expected <name>=<value>/],
    ['timeUnit=h', /timeUnit: .*"s"\|"ms"/],
    ['sampleRateHz=fast', /sampleRateHz: .*expected number, received NaN/],
    ['channels=', /channels: /],
  ])('refuses %s, saying what is accepted', (text, message) => {
    expect(() => collectCsvOption(text)).toThrow(message);
  });
});
