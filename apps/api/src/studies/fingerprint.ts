/** What a trial's result depends on besides its configuration: code, packages, machine, data. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import type { Fingerprint } from '@kinetune/storage';

export interface FingerprintSource {
  readonly workspaceRoot: string;
  /** Null where the trainer brings its own data. */
  readonly dataHash: string | null;
  readonly splitHash: string | null;
}

/** Null where something cannot be had: an unpacked archive has no git history. */
export function fingerprintOf({ workspaceRoot, dataHash, splitHash }: FingerprintSource): Fingerprint {
  const git = (...args: string[]): string | null => {
    try {
      return execFileSync('git', args, {
        cwd: workspaceRoot,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 64_000_000,
      });
    } catch {
      return null;
    }
  };
  const diff = git('diff', 'HEAD');
  return {
    gitCommit: git('rev-parse', 'HEAD')?.trim() ?? null,
    uncommittedDiffSha256: diff === null || diff === '' ? null : sha256(diff),
    lockFileSha256: fileSha256(join(workspaceRoot, 'package-lock.json')),
    node: process.version,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model ?? null,
    dataHash,
    splitHash,
  };
}

function fileSha256(file: string): string | null {
  try {
    return sha256(readFileSync(file));
  } catch {
    return null;
  }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
