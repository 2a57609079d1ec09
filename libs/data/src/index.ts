
// Windows, splits, audits and baselines
export type { Windows, WindowsInfo } from './windows/windows.ts';
export { cutWindows } from './windows/cut-windows.ts';
export {
  windowOptionsInSamples,
  type WindowOptions,
  type WindowOptionsInSamples,
  type WindowOptionsInSeconds,
} from './windows/window-options.ts';
export { withoutOverlap } from './windows/without-overlap.ts';
export { windowsCacheKey } from './cache/windows-cache-key.ts';
export { loadWindows, type LoadedWindows, type LoadWindowsOptions } from './cache/load-windows.ts';
export { readWindows, writeWindows } from './cache/windows-file.ts';
export { createSplit, foldCountOf, type CreateSplitOptions, type SplitSource } from './split/create-split.ts';
export { PARTS, type Part, type Split, type SplitNote } from './split/split.ts';
export { parseSplit } from './split/parse-split.ts';
export { partIndices } from './split/part-indices.ts';
export { fitScaler, standardise, type Scaler } from './standardise/scaler.ts';
