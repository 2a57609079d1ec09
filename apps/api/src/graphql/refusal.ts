/** What is refused, and why: a result like any other, which names the field. */
import { InputError } from '@kinetune/study';
import { builder } from './builder.ts';

/** An input that cannot be used, with the path of the field that is to blame. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  readonly field: readonly string[];

  constructor(code: string, message: string, field: readonly string[]) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

builder.objectType(Refused, {
  name: 'Refusal',
  description: 'The input cannot be used as it is; nothing was changed.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'For programs: `unknown-study`, `bad-budget` ...' }),
    message: t.exposeString('message', { description: 'What was expected, what came, what to do.' }),
    field: t.exposeStringList('field', { description: 'Path of the field in the input.' }),
  }),
});

/** Runs `work`; what our libraries refuse is refused to the client under `field`. */
export async function refusing<T>(field: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) throw new Refused(error.code, error.message, field);
    throw error;
  }
}
