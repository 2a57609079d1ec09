/** Who decides, for decisions that keep their author. */
import { userInfo } from 'node:os';
import { Option } from 'commander';

export interface ByOption {
  readonly by: string;
}

export function byOption(): Option {
  return new Option('--by <name>', 'who says so; where a server has the home open it notes who asks it').default(
    personHere(),
    'this user',
  );
}

function personHere(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`; // In a container a user may have no name.
  }
}
