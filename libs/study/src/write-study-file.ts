/** A study file from what it says, for files that are proposed: each hyperparameter on a line of its own. */
import { Document, isMap, isSeq, visit } from 'yaml';
import type { z } from 'zod';
import type { studyFile } from './study-file.ts';

/** Lines of comment at the top, without their marks. */
export interface WriteOptions {
  readonly comment?: readonly string[];
}

/** YAML that `parseStudyFile` reads back as the same study. */
export function writeStudyFile(content: z.input<typeof studyFile>, { comment = [] }: WriteOptions = {}): string {
  const document = new Document(content);
  visit(document, {
    Collection(_, node, path) {
      // The path holds the document, then collections and pairs in turn.
      const depth = path.filter((one) => isMap(one) || isSeq(one)).length;
      const isListed = path.some((one) => isSeq(one)) || isSeq(node);
      if (depth >= 2 || (depth === 1 && (isListed || isSmall(node.toJSON())))) node.flow = true;
    },
  });
  document.commentBefore = comment.map((line) => ` ${line}`).join('\n') || null;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Whether a section reads well on one line: budget, objective, a sampler. */
function isSmall(section: unknown): boolean {
  return (
    Object.values(section as object).every((value) => typeof value !== 'object') && JSON.stringify(section).length < 80
  );
}
