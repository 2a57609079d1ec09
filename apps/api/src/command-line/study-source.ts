/** Reads the study file that a command names. */
import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { didYouMean, InputError, parseStudyFile, type StudyFile } from '@kinetune/study';
import { resolveInputPath, workspaceRoot } from './paths.ts';

export const DEFAULT_STUDY = 'studies/quick-start.yaml';

export interface ReadStudy {
  readonly studyFile: StudyFile;
  /** The path as messages name it. */
  readonly file: string;
  readonly text: string;
  /** It lies on this machine: who writes it may run programs here anyway. */
  readonly mayNameCommand: true;
}

/** @throws InputError when there is no such file or it is no study file. */
export function readStudySource(typed: string): ReadStudy {
  const path = resolveInputPath(typed);
  if (!existsSync(path) || statSync(path).isDirectory()) {
    const shipped = shippedStudies();
    const list = shipped.length === 0 ? '' : ` Studies that ship: ${shipped.join(', ')}.`;
    const what = existsSync(path) ? 'is a folder' : 'does not exist';
    throw new InputError(
      'study-file-missing',
      `expected a study file, but ${path} ${what}.${didYouMean(
        basename(typed),
        shipped.map((name) => basename(name)),
      )}${list}`,
    );
  }
  const shown = relative(workspaceRoot, path);
  const file = shown.startsWith('..') ? path : shown;
  const bytes = readFileSync(path);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new InputError('study-file-not-text', 'expected a study file in UTF-8, got another encoding or no text.', {
      file,
    });
  }
  const text = bytes.toString('utf8');
  return { studyFile: parseStudyFile(text, file), file, text, mayNameCommand: true };
}

function shippedStudies(): string[] {
  try {
    return readdirSync(join(workspaceRoot, 'studies'))
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => `studies/${name}`);
  } catch {
    return [];
  }
}
