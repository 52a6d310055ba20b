import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Places } from './process-spec.ts';

/** What every container has a mount on. */
const files = ['etc/hosts', 'etc/resolv.conf', 'etc/hostname'] as const;
const directories = ['dev', 'etc', 'proc', 'sys'] as const;

/**
 * The lowest layer of every root filesystem: empty places for what the engine mounts. Where an image has them its own count; where it has none they would be made in the writable layer of each
 * instance, on disk, at every first start.
 */
export function skeletonDirectory(places: Pick<Places, 'stateDir'>): string {
  return join(places.stateDir, 'skeleton');
}

/** Makes what is missing of it. Repeatable, also after a crash in the middle. */
export function ensureSkeleton(places: Pick<Places, 'stateDir'>): void {
  const root = skeletonDirectory(places);
  for (const directory of directories) makeDirectory(join(root, directory));
  for (const file of files) {
    const path = join(root, file);
    if (existsSync(path)) continue;
    closeSync(openSync(path, 'a', 0o644));
    chmodSync(path, 0o644);
  }
}

/** Whatever the umask: containers see its mode. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: true, mode: 0o755 });
  for (const made of [dirname(path), path]) chmodSync(made, 0o755);
}
