/** Moments in files that others wrote. */

/** The years that a database of ours and every calendar agree on. */
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(9999, 11, 31);

/** Undefined for what is no moment, or one that no study was run at. */
export function parseMoment(text: string): Date | undefined {
  const moment = new Date(text);
  const time = moment.getTime();
  return time >= EARLIEST && time <= LATEST ? moment : undefined;
}
