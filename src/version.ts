import { existsSync, readFileSync } from 'node:fs';

/** Version of this package, from the nearest package.json above this file, wherever the build put it. */
export function packageVersion(): string {
  let directory = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', directory))) directory = new URL('..', directory);
  const { version } = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8')) as { readonly version: string };
  return version;
}
