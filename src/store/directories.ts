import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of one engine. Everything below the state directory survives a reboot, nothing below the run directory does. */
export interface Directories {
  readonly state: string;
  readonly run: string;
  readonly lock: string;
  readonly store: string;
  readonly content: string;
  readonly layers: string;
  readonly upper: string;
  readonly volumes: string;
  readonly logs: string;
  readonly trash: string;
  readonly containers: string;
  readonly files: string;
}

export function directoriesOf(options: { readonly stateDir: string; readonly runDir: string }): Directories {
  const state = options.stateDir;
  const run = options.runDir;
  return {
    state,
    run,
    lock: join(state, 'lock'),
    store: join(state, 'store'),
    content: join(state, 'content'),
    layers: join(state, 'layers'),
    upper: join(state, 'upper'),
    volumes: join(state, 'volumes'),
    logs: join(state, 'logs'),
    trash: join(state, 'trash'),
    containers: join(run, 'containers'),
    files: join(run, 'files'),
  };
}

/**
 * Makes both directories with their modes: state 0700 (layers hold set-uid files), run 0711 (names files below it are mounted into containers, whose
 * users must be able to walk to them). Repeatable.
 */
export function ensureDirectories(directories: Directories): void {
  ensureDirectory(directories.state, 0o700);
  for (const path of [
    directories.content,
    directories.layers,
    directories.upper,
    directories.volumes,
    directories.logs,
    directories.trash,
  ]) {
    ensureDirectory(path, 0o700);
  }
  ensureDirectory(directories.run, 0o711);
  ensureDirectory(directories.containers, 0o711);
  ensureDirectory(directories.files, 0o711);
}

function ensureDirectory(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode); // mkdir subtracts the umask, and the directory may be older
}

/** Random id of this boot of the kernel (random(4)); a new one after each reboot. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
