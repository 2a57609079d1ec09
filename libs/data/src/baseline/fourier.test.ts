import { createRng } from '@kinetune/study';
import { expect, it } from 'vitest';
import { createPairedPowerSpectrum } from './fourier.ts';

it.each([1, 2, 3, 8, 13, 30, 49, 80, 128, 250])(
  'gives the power spectra that the definition gives, length %i',
  (length) => {
    const rng = createRng('fourier', length);
    const signals = [0, 1].map(() => Float64Array.from({ length }, () => rng.normal())) as [Float64Array, Float64Array];
    const bins = (length >> 1) + 1;
    const into = { first: new Float64Array(bins), second: new Float64Array(bins) };
    createPairedPowerSpectrum(length)(...signals, into);
    [into.first, into.second].forEach((power, s) => {
      power.forEach((value, j) => {
        let re = 0;
        let im = 0;
        signals[s]?.forEach((x, t) => {
          re += x * Math.cos((2 * Math.PI * j * t) / length);
          im -= x * Math.sin((2 * Math.PI * j * t) / length);
        });
        expect(value).toBeCloseTo(re * re + im * im, 8);
      });
    });
  },
);
