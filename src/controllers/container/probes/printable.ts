/** Longest output that is kept of a try, in characters. */
const longest = 200;

/** What a program or server said, as one line that a terminal and a log can take. Empty when it said nothing. Pure. */
export function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes)
    .toString('utf8')
    // Control, format (bidi) and line separating characters, and what was no UTF-8.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ')
    .trim();
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
