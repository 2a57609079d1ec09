/** Text that a study file can write and nothing can keep. */
import type { z } from 'zod';
import { isStorableText } from './storable-text.ts';

/** Refuses such text as a value or a name anywhere, and names that a JavaScript object would swallow. */
export function checkText(content: unknown, context: z.RefinementCtx): void {
  const look = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') {
      if (!isStorableText(value))
        context.addIssue({
          code: 'custom',
          path: [...path],
          message: `expected text without U+0000 and halves of characters, got ${JSON.stringify(value.slice(0, 60))}`,
        });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, entry] of Object.entries(value)) {
        if (name === '__proto__' || !isStorableText(name))
          context.addIssue({
            code: 'custom',
            path: [...path],
            message: `expected another name than ${JSON.stringify(name.slice(0, 60))}`,
          });
        look(entry, [...path, name]);
      }
    }
  };
  look(content, []);
}
