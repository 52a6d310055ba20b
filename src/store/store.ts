import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, RootDatabase } from 'lmdb';
import { TsdockError } from '../model/errors.ts';
import { collectionNames, type EngineMeta, engineMeta, singleton, storeFormat } from './collections.ts';
import { readBootId } from './directories.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import { Reserve } from './reserve.ts';
import { type WalkedEntry, walkStore } from './walk.ts';

/** A typed collection: its name in the environment. Values are JSON. */
export interface Collection<T> {
  readonly name: string;
  /** Carries the type only. */
  readonly sample?: T;
}

export interface Tx {
  get<T>(collection: Collection<T>, id: string): T | null;
  put<T>(collection: Collection<T>, id: string, value: T): void;
  delete<T>(collection: Collection<T>, id: string): void;
}

/** A value that failed its checksum or frame; it counts as absent. */
export interface Corrupt {
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
}

export interface Store {
  /** Synchronous, from the memory map: a decision sees one moment. */
  get<T>(collection: Collection<T>, id: string): T | null;
  /** In key order. */
  range<T>(collection: Collection<T>, from?: string): Iterable<readonly [string, T]>;
  /** All or nothing, also when `change` throws. Resolves when it is on disk. `change` is synchronous. */
  write<R>(change: (tx: Tx) => R): Promise<R>;
  /** Of the whole store; in read-only mode, of what was read so far. */
  readonly corrupt: readonly Corrupt[];
  /** Why the store of before was set aside at open, null if it was not. */
  readonly movedAside: { readonly path: string; readonly reason: string } | null;
  /** Ends when everything written by then is on disk. Repeatable. From its call on every other method is DMN011. */
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** Changes nothing on disk; a store that does not exist is an empty one. */
  readonly readOnly: boolean;
  /** Of the program, for the message of a program that is older. */
  readonly writtenBy?: string;
}

/**
 * Opens the store directory `path`; the caller holds the engine's lock unless `readOnly`. A store whose last owner did not close it, or closed it under another boot, is
 * walked in a child process and written anew from what the child read: damage in pages that only a writer touches would end this process later. A store that cannot be
 * read is moved to `store.bad-<time>` and what still verifies is copied over (`movedAside`). DMN002 for a store of a newer format, DMN010 for a damaged one in read-only mode.
 */
export async function openStore(path: string, options: OpenStoreOptions): Promise<Store> {
  if (options.readOnly) return openReadOnly(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  finishSwap(path);
  const movedAside = existsSync(path) ? await makeSound(path) : null;
  rmSync(cleanMarker(path), { force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const root = await openEnvironment(path, 'read-write');
  const store = new LmdbStore({ path, root, movedAside, readOnly: false });
  try {
    await store.claimFormat(options.writtenBy ?? '');
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function openReadOnly(path: string): Promise<Store> {
  if (!existsSync(join(path, 'data.mdb'))) return emptyStore;
  const { damage } = isClean(path) ? { damage: null } : await walkStore(path, { collections: collectionNames, collect: 'nothing' });
  if (damage !== null)
    throw new TsdockError('DMN010', { message: `${path} cannot be read: ${damage}`, hint: 'the next start of the engine sets it aside' });
  const store = new LmdbStore({ path, root: await openEnvironment(path, 'read-only'), movedAside: null, readOnly: true });
  try {
    refuseNewerFormat(store.get(engineMeta, singleton));
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** Leaves at `path` something that this process can open without harm, or nothing. */
async function makeSound(path: string): Promise<Store['movedAside']> {
  if (!lstatSync(path).isDirectory()) return moveAside(path, 'it is no directory');
  if (!existsSync(join(path, 'data.mdb')) || isClean(path)) return null;
  const { damage, entries } = await walkStore(path, { collections: collectionNames, collect: 'entries' });
  if (damage !== null) return moveAside(path, damage);
  refuseNewer(entries);
  new Reserve(`${path}.reserve`).makeRoom(statSync(join(path, 'data.mdb')).size);
  await writeEnvironment(`${path}-new`, entries);
  renameSync(path, `${path}-old`);
  renameSync(`${path}-new`, path);
  rmSync(`${path}-old`, { recursive: true, force: true });
  return null;
}

/** A crash between the two renames left the old environment beside its place. */
function finishSwap(path: string): void {
  if (!existsSync(path) && existsSync(`${path}-old`)) renameSync(`${path}-old`, path);
  rmSync(`${path}-old`, { recursive: true, force: true });
  rmSync(`${path}-new`, { recursive: true, force: true });
}

function isClean(path: string): boolean {
  return readCleanMarker(path) === readBootId();
}

// ---------------------------------------------------------------------------------------------------------------- the environment

/** How long a store that could not be written may take to close. */
const failedCloseMs = 1_000;
/** Address space, not memory or disk: set large once, since a map that grows must be closed first. */
const mapSizeBytes = 4 * 1024 ** 3;

/** lmdb is loaded when there is something to open: a `diff` on a fresh machine needs none of it. */
async function openEnvironment(path: string, mode: 'read-only' | 'read-write'): Promise<RootDatabase<Buffer, string>> {
  const { open } = await import('lmdb');
  // `safeRestore` is not in the package's types: without it a commit that was never flushed is trusted while the boot id agrees, and snapshots of VMs break that.
  const settings = {
    path,
    encoding: 'binary' as const,
    maxDbs: 32,
    mapSize: mapSizeBytes,
    readOnly: mode === 'read-only',
    safeRestore: true,
    // Transactions are gathered here already, and the promise of lmdb's own batch is nobody's: a commit that fails would end this process by it.
    eventTurnBatching: false,
  };
  return open<Buffer, string>(settings);
}

/** Transactions that reach the disk together. */
interface Gathered {
  readonly writes: Map<string, Write>;
  readonly onDisk: Promise<void>;
}

/** One write of a transaction; a null frame removes. */
interface Write {
  readonly collection: string;
  readonly id: string;
  readonly frame: Buffer | null;
}

class LmdbStore implements Store {
  readonly movedAside: Store['movedAside'];
  readonly #path: string;
  readonly #root: RootDatabase<Buffer, string>;
  readonly #readOnly: boolean;
  readonly #reserve: Reserve;
  readonly #databases = new Map<string, Database<Buffer, string>>();
  readonly #corrupt: Corrupt[] = [];
  /** Written and not committed yet, by collection and id: what a later transaction must see. */
  readonly #pending = new Map<string, Write>();
  /** What the next transaction of the environment will hold; null while nothing waits. */
  #gathered: Gathered | null = null;
  /** The end of the transaction that is being written. Never rejects. */
  #written: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  #hasFailed = false;

  constructor(fields: {
    readonly path: string;
    readonly root: RootDatabase<Buffer, string>;
    readonly movedAside: Store['movedAside'];
    readonly readOnly: boolean;
  }) {
    this.#path = fields.path;
    this.#root = fields.root;
    this.movedAside = fields.movedAside;
    this.#readOnly = fields.readOnly;
    this.#reserve = new Reserve(`${fields.path}.reserve`);
    for (const name of collectionNames) this.#database(name);
    // A reader checks each value when it reads it: going through all events first would be most of a short command's time.
    if (!this.#readOnly) this.#verify();
  }

  get corrupt(): readonly Corrupt[] {
    return this.#corrupt;
  }

  get<T>(collection: Collection<T>, id: string): T | null {
    this.#refuseClosed();
    const frame = this.#database(collection.name)?.get(id);
    return frame === undefined ? null : this.#decode<T>(collection.name, id, frame);
  }

  *range<T>(collection: Collection<T>, from?: string): Iterable<readonly [string, T]> {
    this.#refuseClosed();
    const database = this.#database(collection.name);
    if (database === null) return;
    // Copied first: no read transaction may stay open while the caller thinks, it would pin pages.
    const found = [...database.getRange(from === undefined ? {} : { start: from })].map(({ key, value }) => [key, value] as const);
    for (const [id, frame] of found) {
      const value = this.#decode<T>(collection.name, id, frame);
      if (value !== null) yield [id, value];
    }
  }

  async write<R>(change: (tx: Tx) => R): Promise<R> {
    this.#refuseClosed();
    if (this.#readOnly) throw new TsdockError('DMN011', { message: `${this.#path} is open for reading only` });
    const own = new Map<string, Write>();
    const result = change(this.#transaction(own));
    for (const [id, operation] of own) this.#pending.set(id, operation);
    try {
      await this.#gather(own);
    } catch (error) {
      throw new TsdockError('DMN011', {
        message: `${this.#path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        cause: error,
      });
    } finally {
      for (const [id, operation] of own) if (this.#pending.get(id) === operation) this.#pending.delete(id);
    }
    return result;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Nothing may touch the environment from the first line on: lmdb would look into memory that it has given back, which ends this process. */
  async #close(): Promise<void> {
    while (this.#gathered !== null) await this.#gathered.onDisk.catch(() => undefined);
    await this.#written;
    await this.#reserve.settled();
    // After a commit that failed lmdb waits for a flush that never comes. What was answered is on disk; nothing is written by then.
    const given = this.#hasFailed ? sleep(failedCloseMs, undefined, { ref: false }) : new Promise<never>(() => undefined);
    await Promise.race([this.#root.close(), given]);
    if (!this.#readOnly) writeFileSync(cleanMarker(this.#path), readBootId(), { mode: 0o600 });
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw new TsdockError('DMN011', { message: `${this.#path} is closed` });
  }

  /** Into the transaction that follows the one being written: at most one is at work, so its thread is known to be done with the environment when it ends. */
  #gather(own: ReadonlyMap<string, Write>): Promise<void> {
    this.#gathered ??= { writes: new Map(), onDisk: this.#written.then(() => this.#writeGathered()) };
    for (const [id, write] of own) this.#gathered.writes.set(id, write);
    return this.#gathered.onDisk;
  }

  #writeGathered(): Promise<void> {
    const writes = [...(this.#gathered?.writes.values() ?? [])];
    this.#gathered = null;
    const onDisk = this.#writeAll(writes);
    this.#written = onDisk.catch(() => undefined);
    return onDisk;
  }

  async #writeAll(writes: readonly Write[]): Promise<void> {
    this.#reserve.makeRoom(writes.reduce((sum, { frame }) => sum + (frame?.length ?? 0), 0));
    await this.#commit(writes);
    this.#reserve.restore(performance.now());
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    try {
      await this.#batch(writes);
    } catch (error) {
      this.#hasFailed = true;
      throw await reasonOf(error);
    }
  }

  async #batch(writes: readonly Write[]): Promise<void> {
    await this.#root.batch(() => {
      for (const { collection, id, frame } of writes) {
        const database = this.#database(collection);
        // The batch is one transaction of the environment; its own promise says how it ended.
        const done = frame === null ? database?.remove(id) : database?.put(id, frame);
        done?.catch(() => undefined);
      }
    });
    await this.#root.flushed;
  }

  /** Refuses a newer format; writes ours into an environment that has none. */
  async claimFormat(writtenBy: string): Promise<void> {
    const meta = this.get(engineMeta, singleton);
    refuseNewerFormat(meta);
    if (meta?.format === storeFormat && meta.writtenBy === writtenBy && meta.bootId === readBootId()) return;
    const uid = meta?.uid ?? crypto.randomUUID();
    await this.write((tx) => tx.put(engineMeta, singleton, { format: storeFormat, writtenBy, uid, bootId: readBootId() }));
  }

  #transaction(own: Map<string, Write>): Tx {
    const record = (collection: string, id: string, frame: Buffer | null): void => {
      own.set(`${collection}\0${id}`, { collection, id, frame });
    };
    return {
      get: <T>(collection: Collection<T>, id: string): T | null => {
        const place = `${collection.name}\0${id}`;
        const operation = own.get(place) ?? this.#pending.get(place);
        if (operation === undefined) return this.get(collection, id);
        return operation.frame === null ? null : this.#decode<T>(collection.name, id, operation.frame);
      },
      put: (collection, id, value) => record(collection.name, id, encodeFrame(value)),
      delete: (collection, id) => record(collection.name, id, null),
    };
  }

  #decode<T>(collection: string, id: string, frame: Uint8Array): T | null {
    const decoded = decodeFrame(frame);
    if (decoded.is === 'value') return decoded.value as T;
    if (!this.#corrupt.some((entry) => entry.collection === collection && entry.id === id)) {
      this.#corrupt.push({ collection, id, reason: decoded.reason });
    }
    return null;
  }

  /** Null in read-only mode for a collection nobody wrote yet. */
  #database(name: string): Database<Buffer, string> | null {
    const known = this.#databases.get(name);
    if (known !== undefined) return known;
    const opened = this.#root.openDB<Buffer, string>(name, { encoding: 'binary' }) as Database<Buffer, string> | undefined;
    if (opened === undefined) return null;
    this.#databases.set(name, opened);
    return opened;
  }

  #verify(): void {
    for (const [name, database] of this.#databases) {
      for (const { key, value } of database.getRange({})) this.#decode(name, key, value);
    }
  }
}

/** lmdb keeps the cause of a failed commit in a promise of its own. */
async function reasonOf(error: unknown): Promise<unknown> {
  const cause: unknown = error instanceof Error && 'commitError' in error ? error.commitError : error;
  return Promise.resolve(cause).then(
    () => error,
    (reason: unknown) => reason,
  );
}

const emptyStore: Store = {
  get: () => null,
  range: () => [],
  write: () => Promise.reject(new TsdockError('DMN011', { message: 'the store is open for reading only' })),
  corrupt: [],
  movedAside: null,
  close: () => Promise.resolve(),
};

// ---------------------------------------------------------------------------------------------------------------- clean shutdown, rescue

/** Beside the environment, since reading it from inside would mean trusting the environment already. */
function cleanMarker(path: string): string {
  return `${path}.clean`;
}

function readCleanMarker(path: string): string | null {
  try {
    return readFileSync(cleanMarker(path), 'utf8');
  } catch {
    return null; // absent or unreadable: the last owner did not close it
  }
}

/** How many damaged stores are kept for a look. */
const keepAside = 3;

async function moveAside(path: string, damage: string): Promise<{ readonly path: string; readonly reason: string }> {
  const aside = freeName(`${path}.bad-${new Date().toISOString().replace(/[:.]/g, '')}`);
  renameSync(path, aside);
  forgetOld(path);
  if (lstatSync(aside).isDirectory()) await rescue(aside, path);
  return { path: aside, reason: damage };
}

/** Copies every frame that verifies. A collection in which the child dies costs its rest; the others are read by the next child. */
async function rescue(from: string, to: string): Promise<void> {
  const rescued: WalkedEntry[] = [];
  for (let left: readonly string[] = collectionNames; left.length > 0; ) {
    const { damage, endedIn, entries } = await walkStore(from, { collections: left, collect: 'entries' });
    rescued.push(...entries.filter((entry) => decodeFrame(entry.frame).is === 'value'));
    left = damage === null || endedIn === null ? [] : left.slice(left.indexOf(endedIn) + 1);
  }
  if (rescued.length > 0) await writeEnvironment(to, rescued);
}

/** A new environment with these entries, on disk when it resolves. */
async function writeEnvironment(path: string, entries: readonly WalkedEntry[]): Promise<void> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const root = await openEnvironment(path, 'read-write');
  try {
    const databases = new Map(collectionNames.map((name) => [name, root.openDB<Buffer, string>(name, { encoding: 'binary' })]));
    await root.batch(() => {
      for (const { collection, id, frame } of entries) void databases.get(collection)?.put(id, frame);
    });
    await root.flushed;
  } finally {
    await root.close();
  }
}

function refuseNewer(entries: readonly WalkedEntry[]): void {
  const found = entries.find(({ collection, id }) => collection === engineMeta.name && id === singleton);
  const decoded = found === undefined ? null : decodeFrame(found.frame);
  if (decoded?.is === 'value') refuseNewerFormat(decoded.value as EngineMeta);
}

function refuseNewerFormat(meta: EngineMeta | null): void {
  if (meta === null || meta.format <= storeFormat) return;
  throw new TsdockError('DMN002', {
    message: `state was written by tsdock ${meta.writtenBy} (format ${meta.format}), this one knows format ${storeFormat}; containers were left running`,
    hint: `install ${meta.writtenBy} or newer`,
  });
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let attempt = 2; existsSync(name); attempt += 1) name = `${wanted}-${attempt}`;
  return name;
}

function forgetOld(path: string): void {
  const prefix = `${basename(path)}.bad-`;
  const kept = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .sort();
  for (const name of kept.slice(0, -keepAside)) rmSync(join(dirname(path), name), { recursive: true, force: true });
}
