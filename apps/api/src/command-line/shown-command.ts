/** A command as the person would type it: through Nx where it was started so, else by npx. */

/** Subcommands that are targets of Nx, too. */
const NX_TARGETS: readonly string[] = ['train', 'report'];

/** @param args words after `kinetune`, the first of which is the subcommand. */
export function shownCommand(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): string {
  const [subcommand, ...rest] = args.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  if (subcommand !== undefined && NX_TARGETS.includes(subcommand) && environment.NX_TASK_TARGET_PROJECT !== undefined)
    return `npx nx run api:${subcommand}${rest.length === 0 ? '' : ` -- ${rest.join(' ')}`}`;
  return ['npx kinetune', subcommand, ...rest].join(' ');
}

/** The words of this process's own command that start the same study again; `--fresh` would start another. */
export function sameCommand(argv: readonly string[] = process.argv): readonly string[] {
  return argv.slice(2).filter((word) => word !== '--fresh');
}
