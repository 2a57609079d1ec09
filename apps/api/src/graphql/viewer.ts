/** Who asks: what they may do follows from their role alone, but for what only people at the machine may. */
import type { ApiRole } from '@kinetune/storage';

export interface Viewer {
  readonly role: ApiRole;
  /** Name of the token; `local` on a server that is bound to loopback and asks for none. */
  readonly name: string;
  /** On the machine itself. */
  readonly isLocal: boolean;
}

/**
 * Whether a viewer may name a program that then runs as this server's user, as a study with a command trainer does: an editor on the
 * machine itself, whom nothing keeps from starting it by hand, and any editor where the operator allows it.
 */
export function mayNameCommandTrainer(
  { role, isLocal }: Viewer,
  { areCommandsAllowed }: { readonly areCommandsAllowed: boolean },
): boolean {
  return role === 'editor' && (isLocal || areCommandsAllowed);
}
