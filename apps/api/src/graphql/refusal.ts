/** What is refused, and why: a result like any other, which names the field. */
import { InputError, type FieldProblem } from '@kinetune/study';
import { builder } from './builder.ts';

/** An input that cannot be used, with the path of the field that is to blame. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  readonly field: readonly string[];
  /** Every field that is to blame; the first is `field`. */
  readonly problems: readonly FieldProblem[];

  constructor(code: string, message: string, at: readonly string[] | readonly FieldProblem[]) {
    super(message);
    this.code = code;
    this.problems = isProblems(at) ? at : [{ field: at, message }];
    this.field = this.problems[0]?.field ?? [];
  }
}

function isProblems(at: readonly string[] | readonly FieldProblem[]): at is readonly FieldProblem[] {
  return typeof at[0] === 'object';
}

const FieldProblemType = builder.objectRef<FieldProblem>('FieldProblem').implement({
  description: 'One thing that is wrong with an input.',
  fields: (t) => ({
    field: t.stringList({ description: 'Path of the field in the input.', resolve: ({ field }) => [...field] }),
    message: t.exposeString('message', { description: 'What was expected, what came.' }),
  }),
});

builder.objectType(Refused, {
  name: 'Refusal',
  description: 'The input cannot be used as it is; nothing was changed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'For programs: `unknown-study`, `bad-budget` ...' }),
    message: t.exposeString('message', { description: 'What was expected, what came, what to do.' }),
    field: t.exposeStringList('field', { description: 'Path of the field in the input.' }),
    problems: t.field({
      type: [FieldProblemType],
      description: 'Each field that is wrong, for forms that mark them all; the first is `field`.',
      resolve: ({ problems }) => [...problems],
    }),
  }),
});

/** Runs `work`; what our libraries refuse is refused to the client under `field`, or the fields below it that they name. */
export async function refusing<T>(field: readonly string[], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, problems } = error;
    const placed = problems.map((problem) => ({ ...problem, field: [...field, ...problem.field] }));
    throw new Refused(code, message, placed.length === 0 ? field : placed);
  }
}

/** The text without blanks around it. @throws Refused where nothing is left. */
export function requireText(field: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new Refused('text-empty', 'expected a sentence, got nothing', [field]);
  return trimmed;
}
