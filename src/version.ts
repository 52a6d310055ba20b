import { readFileSync } from 'node:fs';

/** Version of this package: its package.json lies one directory above both `src` and `dist`. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return version;
}
