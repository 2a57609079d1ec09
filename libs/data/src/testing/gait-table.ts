/**
 * How real people move: measured on the recordings of Reyes-Ortiz et al. 2015 (HAPT), 30 people, phone at the waist.
 * Mean and deviation between people; amplitudes (g) at HARMONICS · f0. `measureGait` on the recordings gives it.
 */
export const GAIT_TABLE = {
  WALK: {
    stepHz: { mean: 1.78, deviation: 0.1 },
    vertical: { mean: 0.239, deviation: 0.044 },
    harmonics: [0.018, 0.232, 0.089, 0.054, 0.036, 0.071, 0.055, 0.028],
  },
  UP: {
    stepHz: { mean: 1.63, deviation: 0.14 },
    // The deviation of this one is not published.
    vertical: { mean: 0.273, deviation: 0.2 * 0.273 },
    harmonics: [0.037, 0.286, 0.034, 0.065, 0.03, 0.053, 0.034, 0.023],
  },
  DOWN: {
    stepHz: { mean: 1.78, deviation: 0.16 },
    vertical: { mean: 0.392, deviation: 0.064 },
    harmonics: [0.026, 0.388, 0.071, 0.119, 0.047, 0.049, 0.037, 0.027],
  },
} as const;
