import { InputError } from '@kinetune/study';

/**
 * Refuses an archive whose entry would land outside the folder it is unpacked to. We never unpack, but such an archive
 * was made to do harm, and others may unpack it.
 * @throws InputError `archive-entry-escapes`
 */
export function checkEntryName(archive: string, name: string): void {
  const isAbsolute = name.startsWith('/') || name.startsWith('\\') || /^[A-Za-z]:/.test(name);
  if (isAbsolute || name.includes('\0') || name.split(/[/\\]/).includes('..')) {
    throw new InputError(
      'archive-entry-escapes',
      `expected entries inside the archive's own folder, got "${name.replaceAll('\0', '\\0')}". Do not unpack this archive; get the data set from its official address.`,
      { file: archive },
    );
  }
}

/** @throws InputError `archive-entry-is-link` */
export function refuseLink(archive: string, name: string): never {
  throw new InputError(
    'archive-entry-is-link',
    'expected a plain file, got a link. Links in archives can point outside of them; pack the files themselves.',
    { file: `${archive}!${name}` },
  );
}

/** @throws InputError `archive-entry-duplicate` */
export function refuseDuplicate(archive: string, name: string): never {
  throw new InputError(
    'archive-entry-duplicate',
    'expected each entry once, got this one twice; which of the two is meant cannot be known. Pack the folder again.',
    { file: `${archive}!${name}` },
  );
}

/** Litter of operating systems, which no data set means. */
export function isLitter(path: string): boolean {
  return /(^|\/)(__MACOSX\/|\._|\.DS_Store$|desktop\.ini$|Thumbs\.db$)/i.test(path);
}
