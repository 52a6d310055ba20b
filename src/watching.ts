/** Keeps one directory of manifests applied: whatever says "dirty", the whole directory is read and what it says handed to the engine. */
import { formatDiagnostic } from './manifest/diagnostic.ts';
import { type DirectoryState, initialDirectoryState, readDirectory } from './manifest/directory.ts';
import { watchDirectory } from './manifest/watch.ts';
import type { ApplyOptions, ApplyResult, EngineApi } from './model/engine-api.ts';
import { describeError } from './model/errors.ts';
import type { Logger } from './model/log.ts';
import type { AnyResource, SetId } from './model/resource.ts';

export interface DirectoryFollower {
  /** Resolves when a look under way is through. */
  close(): Promise<void>;
}

export interface FollowOptions {
  /** Pause between full looks: watchers miss things. */
  readonly lookMs: number;
  readonly log: Logger;
}

export interface WatchedEngine {
  readonly engine: Pick<EngineApi, 'apply'>;
  /** Documents as they were accepted last, by set. */
  documents(): ReadonlyMap<SetId, readonly AnyResource[]>;
  /** Calls back when objects were deleted by name; returns how to hear no more. */
  onRemoved(listener: () => void): () => void;
}

/** Until a file that names fewer objects is read again: a writer that is slower than this is still seen writing. */
const settleMs = 1000;

/** A set whose objects vanish at once is held above this share (product.md 9.1). */
const maxDelete = 0.3;

/** Applies the directory as set `dir:<directory>` now, after every change, after a deletion by hand and every `lookMs`. What fails is logged and tried again at the next look. */
export function followDirectory(directory: string, watched: WatchedEngine, { lookMs, log: parent }: FollowOptions): DirectoryFollower {
  const set: SetId = `dir:${directory}`;
  const log = parent.child({ set });
  const leaving = new AbortController();
  const told = new Set<string>();
  let state: DirectoryState = initialDirectoryState(watched.documents().get(set) ?? []);
  let looking: Promise<void> | null = null;
  let again = false;
  let settling: NodeJS.Timeout | null = null;

  const look = async (): Promise<void> => {
    const others = [...watched.documents()].flatMap(([owner, documents]) => (owner === set ? [] : documents));
    const reading = await readDirectory(directory, { set, namespace: 'default', others }, state);
    const messages = reading.diagnostics.map(formatDiagnostic);
    const missing = reading.missing === null ? null : `warning[DMN020]: ${reading.missing}`;
    if (missing !== null) messages.push(missing);
    // The set's state names the directory itself while there is no file to name.
    const files = missing === null ? reading.snapshot.files : [{ path: directory, state: 'ignored' as const, error: missing }];
    const before = watched.documents().get(set) ?? [];
    const refusal = await watched.engine.apply([{ ...reading.snapshot, files }], applyOptions(set, leaving.signal)).then((result) => {
      if (result.result !== 'unchanged') tellApplied(log, result, before, watched.documents().get(set) ?? []);
      return null;
    }, describeError);
    tellNew(log, told, refusal === null || leaving.signal.aborted ? messages : [...messages, refusal]);
    state = reading.state;
    if (reading.unsettled && !leaving.signal.aborted) settling = setTimeout(dirty, settleMs);
  };
  const lookUntilClean = async (): Promise<void> => {
    do {
      again = false;
      await look();
    } while (again && !leaving.signal.aborted);
    looking = null;
  };
  const dirty = () => {
    again = true;
    looking ??= lookUntilClean();
  };

  const watch = watchDirectory(directory, { onDirty: dirty, onWarning: (message) => log.warn(message) });
  const timer = setInterval(dirty, lookMs);
  const deafen = watched.onRemoved(dirty);
  dirty();
  return {
    close: async () => {
      deafen();
      clearInterval(timer);
      if (settling !== null) clearTimeout(settling);
      leaving.abort();
      await watch.close();
      await looking;
    },
  };
}

function applyOptions(actor: string, signal: AbortSignal): ApplyOptions {
  return { actor, wait: false, timeoutMs: 300_000, signal, onProgress: () => undefined, takeOwnership: false, force: false, maxDelete };
}

/** Logs in one line which objects a look has added, changed and removed. */
function tellApplied(log: Logger, result: ApplyResult, before: readonly AnyResource[], after: readonly AnyResource[]): void {
  const earlier = new Map(before.map(({ key, specHash }) => [key, specHash]));
  const later = new Set(after.map(({ key }) => key));
  const added = after.flatMap(({ key }) => (earlier.has(key) ? [] : [key]));
  const changed = after.flatMap(({ key, specHash }) => (earlier.has(key) && earlier.get(key) !== specHash ? [key] : []));
  const removed = before.flatMap(({ key }) => (later.has(key) ? [] : [key]));
  if (added.length + changed.length + removed.length === 0) return;
  log.info('applied', { revision: result.revision, added, changed, removed });
}

/** Logs what was not true at the last look; a message that stays true is told once. */
function tellNew(log: Logger, told: Set<string>, messages: readonly string[]): void {
  for (const message of messages) if (!told.has(message)) log.warn(message);
  told.clear();
  for (const message of messages) told.add(message);
}
