import type { Split, Windows } from '@kinetune/data';

export function auditSentences(_windows: Windows, _split: Split): string[] {
  return [];
}
