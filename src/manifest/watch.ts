import { realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface WatchOptions {
  /** Something may have changed: read the directory again. Called after `quietMs` without events, at the latest `maxMs` after the first. */
  readonly onDirty: () => void;
  /** The watch is lost or cannot be made (out of inotify watches): only polling is left. */
  readonly onWarning: (message: string) => void;
  readonly recursive?: boolean;
  readonly quietMs?: number;
  readonly maxMs?: number;
}

export interface DirectoryWatch {
  /** Resolves when events are seen. */
  readonly ready: Promise<void>;
  /** Treats the directory as changed: what the periodic look and a signal of the user call. */
  poke(): void;
  close(): Promise<void>;
}

/**
 * Says "dirty" and nothing more: what an event was about is never believed. Watches the directory and its name in the parent, so that a directory that appears, goes or is swapped
 * by a symbolic link is seen as well. Watchers miss things; call `poke` now and then.
 */
export function watchDirectory(directory: string, options: WatchOptions): DirectoryWatch {
  const path = resolve(directory);
  const { quietMs = 250, maxMs = 2000 } = options;
  let timer: NodeJS.Timeout | null = null;
  let firstAt = 0;
  let closed = false;
  let inner: FSWatcher | null = null;
  let watched: string | null = null;

  const fire = (): void => {
    timer = null;
    follow().catch(fail);
    options.onDirty();
  };
  const mark = (): void => {
    if (closed) return;
    const now = performance.now();
    if (timer === null) firstAt = now;
    else clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(quietMs, firstAt + maxMs - now)));
  };
  const fail = (error: unknown): void => options.onWarning(`watching ${path}: ${error instanceof Error ? error.message : String(error)}`);

  /** Watches what the path leads to now. */
  function follow(): Promise<void> {
    const target = realPathOrNull(path);
    if (closed || target === watched) return Promise.resolve();
    const old = inner;
    old?.close().catch(fail);
    watched = target;
    inner = null;
    if (target === null) return Promise.resolve();
    // A file's own watch is not needed: its directory tells of every change that replaces or writes it.
    const next = watch(target, { ignoreInitial: true, followSymlinks: true, depth: options.recursive === true ? 16 : 0 });
    inner = next;
    return listen(next, mark, fail);
  }

  const parent = watch(dirname(path), {
    ignoreInitial: true,
    followSymlinks: false,
    depth: 0,
    ignored: (candidate) => candidate !== dirname(path) && candidate !== path,
  });
  const parentReady = listen(parent, (name) => (name === null || name === basename(path) ? mark() : undefined), fail);

  return {
    ready: Promise.all([follow(), parentReady]).then(() => undefined),
    poke: mark,
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await Promise.all([parent.close(), inner?.close()]);
    },
  };
}

/** Calls back for every event, with the name the kernel gave or null. Resolves when the watcher stands, also when it failed to. */
function listen(watcher: FSWatcher, onEvent: (name: string | null) => void, onError: (error: unknown) => void): Promise<void> {
  watcher.on('all', (_event, path) => onEvent(basename(path)));
  // `raw` passes on what the watcher itself would filter, such as the swap of a symbolic link.
  watcher.on('raw', (_event, path) => onEvent(path ? basename(path) : null));
  return new Promise((done) => {
    watcher.on('ready', () => done());
    watcher.on('error', (error) => {
      onError(error);
      done();
    });
  });
}

function realPathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
