import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';

describe('an input error', () => {
  it('begins with its place, and keeps file and line as fields', () => {
    const error = new InputError('row-width', 'expected 3.', { file: 'a.csv', line: 7 });
    expect(error).toMatchObject({ message: 'a.csv:7: expected 3.', code: 'row-width', file: 'a.csv', line: 7 });
  });

  it('shows control characters of a file as text, so that they cannot steer a terminal; line feeds stay', () => {
    const { message, file } = new InputError('x', 'got "\u001b[31m\0\r".\nNext\u009b', { file: 'a\u0007.csv' });
    expect(message).toBe('a\\x07.csv: got "\\x1b[31m\\x00\\x0d".\nNext\\x9b');
    expect(file).toBe('a\u0007.csv');
  });
});
