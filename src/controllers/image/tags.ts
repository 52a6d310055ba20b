/** Tags that name versions. Pure. */

interface Version {
  readonly numbers: readonly number[];
  /** What stands before and after the numbers: `v`, `-alpine`. Tags with other words are other lines. */
  readonly prefix: string;
  readonly suffix: string;
}

function parseVersion(tag: string): Version | null {
  const [, prefix = '', numbers, suffix = ''] = /^(v?)(\d{1,9}(?:\.\d{1,9}){0,3})(-[A-Za-z][\w.-]*)?$/.exec(tag) ?? [];
  if (numbers === undefined || /^-(?:alpha|beta|rc|pre|dev)/i.test(suffix)) return null;
  return { numbers: numbers.split('.').map(Number), prefix, suffix };
}

/** The newest tag that is newer than `tag` and written like it: as many numbers, the same words around them. Null when there is none, or `tag` names no version. */
export function newestTag(tag: string, tags: readonly string[]): string | null {
  const own = parseVersion(tag);
  if (own === null) return null;
  let best: { readonly tag: string; readonly version: Version } | null = null;
  for (const candidate of tags) {
    const version = parseVersion(candidate);
    if (version === null || version.prefix !== own.prefix || version.suffix !== own.suffix || version.numbers.length !== own.numbers.length)
      continue;
    if (compare(version, best?.version ?? own) > 0) best = { tag: candidate, version };
  }
  return best?.tag ?? null;
}

function compare(a: Version, b: Version): number {
  const at = a.numbers.findIndex((number, i) => number !== b.numbers[i]);
  return at < 0 ? 0 : (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
}
