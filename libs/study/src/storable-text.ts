/** Text as a database keeps it: PostgreSQL refuses U+0000, and halves of characters (lone surrogates) where they stand in JSON. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** The same text with U+FFFD for what cannot be kept. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
