import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Places, skeletonDirectory } from './process-spec.ts';

/** What every container has a mount on. */
const files = ['etc/hosts', 'etc/resolv.conf', 'etc/hostname'] as const;
const directories = ['dev', 'etc', 'proc', 'sys'] as const;

/** Makes what is missing of it. Repeatable, also after a crash in the middle. */
export function ensureSkeleton(places: Pick<Places, 'stateDir'>): void {
  const root = skeletonDirectory(places);
  for (const path of [root, ...directories.map((name) => join(root, name))])
    ensure(path, 0o755, () => mkdirSync(path, { recursive: true }));
  for (const path of files.map((name) => join(root, name))) ensure(path, 0o644, () => closeSync(openSync(path, 'a')));
}

/** Whatever the umask, and whatever a crash between the two has left: containers see its mode. */
function ensure(path: string, mode: number, make: () => void): void {
  let found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    make();
    found = statSync(path);
  }
  if ((found.mode & 0o777) !== mode) chmodSync(path, mode);
}
