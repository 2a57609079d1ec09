/** What is wrong with a study file, said to the person who wrote it: line, field, what was expected, what came. */
import { isMap, isScalar, type Document, type LineCounter } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from './nearest-name.ts';

export interface StudyFileIssue {
  readonly line: number | undefined;
  readonly path: readonly string[];
  readonly text: string;
}

/** One issue a wrong field; an unknown one of several is an issue of its own, at its own line. */
export function describeIssues(
  error: z.ZodError,
  {
    document,
    lines,
    known,
  }: {
    readonly document: Document;
    /** Absent where the study was not written as text. */
    readonly lines: LineCounter | undefined;
    readonly known: FieldsAt;
  },
): readonly StudyFileIssue[] {
  return error.issues.flatMap(closestAlternative).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        line: lineOf(document, lines, [...issue.path, key]),
        path: [...issue.path, key].map(String),
        text: `${[...issue.path, key].map(String).join('.')}: unknown field.${didYouMean(key, known(issue.path))}`,
      }));
    }
    const field = issue.path.map(String).join('.') || 'the file';
    return [
      {
        line: lineOf(document, lines, issue.path),
        path: issue.path.map(String),
        text: `${field}: ${textOf(issue, document.getIn(issue.path))}`,
      },
    ];
  });
}

/** Names of the fields that may stand at a path, as far as they are known. */
export type FieldsAt = (path: readonly PropertyKey[]) => readonly string[];

/**
 * Of a field that may be several things, what is wrong with the one that the person most likely meant: the one that went furthest
 * before it failed, with the fewest mistakes.
 */
function closestAlternative(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const alternatives = issue.errors.map((errors) =>
    errors.flatMap((one) => closestAlternative({ ...one, path: [...issue.path, ...one.path] })),
  );
  const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(...issues.map(({ path }) => path.length));
  const deepest = Math.max(...alternatives.map(depth));
  if (deepest > issue.path.length) {
    const furthest = alternatives.filter((issues) => depth(issues) === deepest);
    return furthest.sort((a, b) => a.length - b.length)[0] ?? [issue];
  }
  // None got anywhere: the words that could stand here help more than the form of the rest.
  const words = alternatives.flat().find(({ code }) => code === 'invalid_value');
  return [words ?? issue];
}

function textOf(issue: z.core.$ZodIssue, came: unknown): string {
  const words = acceptedWords(issue);
  if (words !== undefined && came !== undefined) {
    const shown = typeof came === 'string' ? came : JSON.stringify(came);
    return `expected ${words.length === 1 ? '' : 'one of '}${words.join(', ')}, got ${shown}.${typeof came === 'string' ? didYouMean(came, words) : ''}`;
  }
  if (issue.code === 'invalid_key') {
    const isTaken = issue.issues.every(({ code }) => code === 'custom');
    const wanted = isTaken ? 'another name, which JavaScript does not use itself,' : 'a name';
    return `expected ${wanted} like learningRate or optimizer=adam/learningRate, got ${String(issue.path.at(-1))}`;
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return `is missing: expected ${issue.expected}`;
  }
  return issue.message.replace(/^Invalid input: /, '');
}

function acceptedWords(issue: z.core.$ZodIssue): readonly string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return undefined;
  return (issue as { readonly options?: readonly unknown[] }).options?.map(String);
}

/** The line of the deepest node on the path that the text has. */
function lineOf(document: Document, lines: LineCounter | undefined, path: readonly PropertyKey[]): number | undefined {
  if (lines === undefined) return undefined;
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      const range = isScalar(pair?.key) ? pair.key.range : undefined;
      if (range) return lines.linePos(range[0]).line;
    }
  }
  return undefined;
}
