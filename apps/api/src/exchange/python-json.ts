/** JSON as Python's `json` writes it: NaN, Infinity and -Infinity are words of it. */

/** A string, or one of the words that JSON lacks; strings are matched so that words inside them stay. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g;

/**
 * NaN becomes null and an infinity stays one.
 * @throws SyntaxError for what is not JSON.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The usual case is read once; 1e999 is how a number of JSON's own form reads as infinite.
    const finite = text.replace(TOKEN, (token) =>
      token.startsWith('"') ? token : token === 'NaN' ? 'null' : token === 'Infinity' ? '1e999' : '-1e999',
    );
    if (finite === text) throw error;
    return JSON.parse(finite);
  }
}
