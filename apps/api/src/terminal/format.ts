/** Numbers and durations as people read them. */
import type { HyperparameterValue } from '@kinetune/study';

/** `0.8712` with four digits after the point for losses and scores; `-` for what is not finite. */
export function formatLoss(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(4);
}

/** A share as a percentage: 0.871 gives `87.1 %`. */
export function formatPercent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share) ? '-' : `${(share * 100).toFixed(1)} %`;
}

/** A hyperparameter's value in three significant digits, short for very small ones. */
export function formatValue(value: HyperparameterValue): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6
    ? value.toExponential(2).replace('e-', 'e-').replace('e+', 'e')
    : String(Number(value.toPrecision(3)));
}

/** `9 s`, `1 min 20 s`, `2 h 05 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `1 trial`, `2 trials`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(number)} ${number === 1 ? noun : plural}`;
}

/** Thousands apart: 10,411. */
export function formatCount(number: number): string {
  return number.toLocaleString('en-US');
}
