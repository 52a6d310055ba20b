/**
 * JSON.parse that also refuses a key set twice in one object and nesting deeper than `maxDepth`: of two readers of such a text each may take another value. The text is
 * checked by JSON.parse first, so that the scan only ever sees valid JSON. Throws SyntaxError.
 */
export function parseStrictJson(text: string, maxDepth = 64): unknown {
  const value: unknown = JSON.parse(text);
  refuseDuplicates(text, maxDepth);
  return value;
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

function refuseDuplicates(text: string, maxDepth: number): void {
  const open: (Set<string> | null)[] = []; // keys of each open object; null for a list
  let keyNext = false;
  for (const [token] of text.matchAll(tokens)) {
    const keys = open.at(-1) ?? null;
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`);
      keyNext = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      keyNext = false;
    } else if (token === ',') {
      keyNext = keys !== null;
    } else if (token === ':') {
      keyNext = false;
    } else if (keyNext && keys !== null) {
      const key = String(JSON.parse(token));
      if (keys.has(key)) throw new SyntaxError(`key ${token.slice(0, 60)} is set twice`);
      keys.add(key);
    }
  }
}
