/** Whether a terminal shows more than ASCII: all do, but the Linux console and those told a locale without UTF-8. */
export function hasUnicode(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment.TERM === 'linux' || environment.TERM === 'dumb') return false;
  const locale = [environment.LC_ALL, environment.LC_CTYPE, environment.LANG].find((value) => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
