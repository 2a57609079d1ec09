/** An `nvidia-smi` for tests: a shell script in a folder of its own that is the PATH. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Writes the script whose body is `script` (`$1` is the first word it is asked with); gives an environment that finds it. */
export function fakeNvidiaSmi(script: string): NodeJS.ProcessEnv & { readonly PATH: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kinetune-nvidia-smi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'nvidia-smi');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

/** Answers the question for fields with these lines, and `-L` with the others. */
export function nvidiaSmiAnswer(lines: readonly string[], listing: readonly string[] = []): string {
  const print = (all: readonly string[]): string => `cat <<'END'\n${all.join('\n')}\nEND`;
  return `case "$1" in\n-L)\n${print(listing)}\n;;\n*)\n${print(lines)}\n;;\nesac`;
}
