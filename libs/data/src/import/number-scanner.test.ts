import { createRng } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { NumberScanner } from './number-scanner.ts';

const read = (text: string): { readonly value: number; readonly position: number } => {
  const scanner = new NumberScanner(Buffer.from(text));
  return { value: scanner.readNumber(), position: scanner.position };
};

describe('NumberScanner', () => {
  it('agrees with Number to float32 on 80,000 random decimals of any length and exponent', () => {
    const rng = createRng(20260101);
    for (let i = 0; i < 80_000; i++) {
      const token = randomToken(() => rng.next());
      const { value, position } = read(token);
      if (position !== token.length) expect.fail(`${token}: stopped at ${position}`);
      if (Math.fround(value) !== Math.fround(Number(token)))
        expect.fail(`${token}: expected ${Number(token)}, got ${value}`);
    }
  });

  it('rounds as Number does next to the middle between two float32', () => {
    const rng = createRng(7);
    for (let i = 0; i < 20_000; i++) {
      const low = Math.fround((rng.next() - 0.5) * 10 ** Math.floor(rng.next() * 12 - 6));
      const bits = new Int32Array(new Float32Array([low]).buffer);
      const high = new Float32Array(new Int32Array([(bits[0] as number) + 1]).buffer)[0] as number;
      const middle = (low + high) / 2;
      for (const token of [middle.toFixed(20), middle.toExponential(17), middle.toPrecision(21), String(middle)]) {
        if (Math.fround(read(token).value) !== Math.fround(Number(token))) expect.fail(token);
      }
    }
  });

  it.each([
    '0',
    '-0',
    '+1',
    '.5',
    '5.',
    '007',
    '1e5',
    '1E-5',
    '1e+05',
    '  '.trim() + '0.000000000000000000000000000001',
    '123456789012345678901234567890',
    '9007199254740993',
    '1e-45',
    '3.4028235e38',
    '1.8085150e-004',
  ])('reads %s as Number does', (token) => {
    expect(
      Object.is(read(token).value, Number(token)) || Math.fround(read(token).value) === Math.fround(Number(token)),
    ).toBe(true);
  });

  it.each(['', '-', '.', 'e5', '1e', '1e+', 'NaN', 'Infinity', 'abc', '--1', '1e999'])(
    'gives NaN and stays where it is for "%s"',
    (token) => {
      expect(read(token)).toEqual({ value: NaN, position: 0 });
    },
  );

  it('stops behind the number, and leaves what follows to its caller', () => {
    expect(read('1.5,2').position).toBe(3);
    expect(read('1.5.2').position).toBe(3);
    expect(read('0x10').position).toBe(1);
  });
});

function randomToken(next: () => number): string {
  const digits = (count: number): string =>
    (String(next()).slice(2) + String(next()).slice(2)).padEnd(25, '7').slice(0, count);
  const sign = next() < 0.5 ? '-' : next() < 0.1 ? '+' : '';
  const whole = digits(Math.floor(next() * next() * 25));
  const fraction = digits(Math.floor(next() * 25));
  const body = whole === '' && fraction === '' ? '0' : fraction === '' ? whole : `${whole}.${fraction}`;
  const exponent = next() < 0.3 ? `e${Math.floor(next() * 70 - 35)}` : '';
  const token = sign + body + exponent;
  return Number.isFinite(Number(token)) ? token : '1';
}
