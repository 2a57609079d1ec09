import { InputError } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { parseNumberRows } from './parse-number-rows.ts';

const parse = (text: string, columns = 3): number[] => [
  ...parseNumberRows(Buffer.from(text), { columns, file: 'a.txt' }),
];

describe('parseNumberRows', () => {
  it.each([
    ['line feeds', '1 2 3\n4 5 6\n'],
    ['carriage returns', '1 2 3\r\n4 5 6\r\n'],
    ['no line end at the end', '1 2 3\n4 5 6'],
    ['tabs, several spaces, leading and trailing ones', '  1\t2   3 \n 4 5 6\t\n'],
    ['a byte order mark', '\ufeff1 2 3\n4 5 6\n'],
    ['empty lines at the end', '1 2 3\n4 5 6\n\n \r\n'],
  ])('reads rows with %s', (_, text) => {
    expect(parse(text)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('grows when later lines are much shorter than the first', () => {
    const short = Array.from({ length: 1000 }, (_, i) => `${i % 10} 2 3`).join('\n');
    expect(parse(`0.12345678901234567890 0.12345678901234567890 0.12345678901234567890\n${short}`)).toHaveLength(3003);
  });

  it.each([
    ['a missing column', '1 2 3\n1 2\n', 'row-width', 2],
    ['a column too many', '1 2 3\n1 2 3 4\n', 'row-width', 2],
    ['an empty line in between', '1 2 3\n\n1 2 3\n', 'row-width', 2],
    ['NaN', '1 2 3\n1 NaN 3\n', 'not-a-number', 2],
    ['infinity', '1 inf 3\n', 'not-a-number', 1],
    ['more than float32 holds', '1 1e39 3\n', 'not-a-number', 1],
    ['a word', '1 2 3\n1 2 3\n1 x 3\n', 'not-a-number', 3],
    ['a number with a tail', '1 2 3\n1 2 3\n1 2 3x\n', 'not-a-number', 3],
    ['a hexadecimal', '0x10 2 3\n', 'not-a-number', 1],
    ['commas', '1,2,3\n', 'not-a-number', 1],
    ['nothing', '', 'file-empty', undefined],
    ['white space only', '\n \n', 'file-empty', undefined],
    ['a zero byte', '1 2 3\n1 \0 3\n', 'not-a-number', 2],
  ])('refuses %s, naming file and line', (_, text, code, line) => {
    let error: unknown;
    try {
      parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code, file: 'a.txt', line });
  });
});
