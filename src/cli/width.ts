/** How much room text takes on a terminal. Text from outside has been through `escapeControls`; colours (SGR) take none. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one
const pieces = /\u001b\[[0-9;]*m|./gsu;
const isSequence = (piece: string): boolean => piece.startsWith('\u001b');

/** East Asian wide characters and emoji (UAX #11: W and F, as far as terminals agree). */
const wide =
  /^[\u1100-\u115f\u231a\u231b\u23e9-\u23ec\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
const combining = /^[\p{Mn}\p{Me}]$/u;

function widthOfPiece(piece: string): number {
  if (isSequence(piece) || combining.test(piece)) return 0;
  return wide.test(piece) ? 2 : 1;
}

/** Columns of one line. */
export function widthOf(text: string): number {
  return (text.match(pieces) ?? []).reduce((sum, piece) => sum + widthOfPiece(piece), 0);
}

/** As much of a line as fits, at least one column; colours stay closed. */
export function cutTo(text: string, columns: number): string {
  const room = Math.max(1, columns);
  let width = 0;
  let cut = '';
  for (const piece of text.match(pieces) ?? []) {
    width += widthOfPiece(piece);
    if (width <= room || isSequence(piece)) cut += piece;
  }
  return cut;
}

/** A line in rows that fit; nothing of it is lost. */
export function wrapTo(text: string, columns: number): readonly string[] {
  const rows = [''];
  let width = 0;
  for (const piece of text.match(pieces) ?? []) {
    const own = widthOfPiece(piece);
    if (width + own > Math.max(2, columns)) {
      rows.push('');
      width = 0;
    }
    width += own;
    rows[rows.length - 1] += piece;
  }
  return rows;
}
