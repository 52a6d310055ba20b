import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../model/reference.ts';
import type { LayerSink, Layers } from '../../native/index.ts';
import { replacedBy, replacedName, temporaryName } from './collect.ts';
import { hexOf } from './content-store.ts';
import { errnoOf, isAbsent, writeWhole } from './files.ts';

/**
 * Unpacked layers below `<state>/layers`:
 *
 *   tmp-<random>/fs ──rename──> <hex>/fs ──syncfs, then──> <hex>/complete ──syncfs──> the pull is answered
 *   old-<hex>-<random>/fs   a damaged tree whose place a repaired one took; containers may still have it mounted
 *
 * `<hex>` is the layer's diff id, so that images share it; a layer with directories that have no entry of their own takes their owner and mode from what lies below it and
 * therefore stands under its chain id. Without the marker a tree counts only in the process that unpacked it.
 */
export interface Snapshots {
  /** Name of the tree that serves at this place, complete or unpacked by this process; null: unpack it. */
  find(place: LayerPlace): SnapshotFacts | null;
  /** Opens a sink into a new temporary tree. */
  begin(limits: { readonly maxBytes: number; readonly maxEntries: number }): Promise<OpenSnapshot>;
  /** Gives a finished tree its name. A tree of that name that serves already wins. */
  adopt(open: OpenSnapshot, place: LayerPlace, result: UnpackResult): Promise<SnapshotFacts>;
  /**
   * Where the tree at this place is not the finished one, a few lines; empty: it is. `below`: names of the trees under it, lowest first. The finished tree takes owner and mode
   * of its implied directories from them.
   */
  compare(open: OpenSnapshot, place: LayerPlace, result: UnpackResult, below: readonly string[]): Promise<readonly string[]>;
  /**
   * Puts a finished tree, complete and on disk, at its place in one step, whatever stands there. What stood there keeps existing under another name (`replacedName`): it may be
   * mounted, and a mounted lower directory must not change.
   */
  replace(open: OpenSnapshot, place: LayerPlace, result: UnpackResult): Promise<SnapshotFacts>;
  /** Throws away a tree that is not to be adopted. */
  discard(open: OpenSnapshot): Promise<void>;
  /** Writes back what has been unpacked so far, so that less is left for `commit`. A failure is told here and nowhere else. */
  flush(): Promise<void>;
  /** Marks the trees of one image, lowest first, as complete: implied directories, one syncfs, markers, on disk when this resolves. */
  commit(trees: readonly SnapshotFacts[]): Promise<void>;
  isComplete(name: string): boolean;
  /** Absolute directory to mount. */
  directory(name: string): string;
  list(): Promise<readonly { readonly name: string; readonly modifiedAt: number }[]>;
  /** Takes a tree its name away, which is quick; what is left of it is deleted by `empty`. */
  detach(name: string): Promise<DetachedTree>;
  /** Removes temporary trees and trees without marker that this process did not make. Only under the engine's lock. */
  sweep(): Promise<void>;
}

/** Where a layer stands in an image. */
export interface LayerPlace {
  readonly diffId: Digest;
  readonly chainId: Digest;
}

export interface SnapshotFacts {
  readonly name: string;
  readonly diffId: Digest;
  readonly unpackedBytes: number;
  readonly entries: number;
  readonly implied: readonly string[];
}

export interface OpenSnapshot {
  readonly temporary: string;
  readonly sink: LayerSink;
}

export interface DetachedTree {
  /** Deletes it; bytes on disk that are free then. */
  empty(): Promise<number>;
}

export interface UnpackResult {
  readonly diffId: string;
  readonly unpackedBytes: number;
  readonly entries: number;
  readonly impliedDirectories: readonly string[];
  readonly warnings: readonly string[];
}

export function createSnapshots(directory: string, layers: Layers): Snapshots {
  const unmarked = new Map<string, SnapshotFacts>();
  let adopting: Promise<unknown> = Promise.resolve();
  const path = (name: string): string => join(directory, name);
  const lookup = (name: string): SnapshotFacts | null => unmarked.get(name) ?? readMarker(path(name), name);
  const find = (place: LayerPlace): SnapshotFacts | null => {
    const byDiff = lookup(hexOf(place.diffId));
    if (byDiff !== null && (byDiff.implied.length === 0 || place.diffId === place.chainId) && hasTree(path(byDiff.name))) return byDiff;
    const byChain = lookup(hexOf(place.chainId));
    return byChain !== null && hasTree(path(byChain.name)) ? byChain : null;
  };
  const remove = async (name: string): Promise<void> => {
    unmarked.delete(name);
    await rm(join(path(name), 'complete'), { force: true }); // first: what is left of an interrupted removal must not look whole
    await layers.removeTree(path(name));
  };
  /** One after the other: two pulls may bring the same tree. */
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const done = adopting.then(work);
    adopting = done.catch(() => undefined);
    return done;
  };
  const adopt = async (open: OpenSnapshot, place: LayerPlace, result: UnpackResult): Promise<SnapshotFacts> => {
    const facts = factsOf(place, result);
    const { name } = facts;
    const serving = find(place);
    if (serving?.name === name) {
      await layers.removeTree(open.temporary);
      return serving;
    }
    await remove(name); // left by a crash between rename and marker
    await renameOnto(open.temporary, path(name), layers);
    unmarked.set(name, facts);
    return facts;
  };
  const replace = async (open: OpenSnapshot, facts: SnapshotFacts): Promise<SnapshotFacts> => {
    const { name } = facts;
    await writeMarker(open.temporary, facts);
    await layers.sync(directory);
    if (lstatSync(path(name), { throwIfNoEntry: false }) === undefined) {
      await rename(open.temporary, path(name));
    } else {
      // It has the name that a sweep spares before it has the content that may be mounted.
      const aside = path(replacedName(name, randomBytes(8).toString('hex')));
      await rename(open.temporary, aside);
      await layers.exchange(aside, path(name));
    }
    unmarked.delete(name);
    await layers.sync(directory);
    return facts;
  };
  const listNames = async (): Promise<readonly string[]> => {
    try {
      return await readdir(directory);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  };

  return {
    find,
    async begin(limits) {
      const temporary = path(temporaryName(randomBytes(8).toString('hex')));
      await mkdir(temporary, { recursive: true, mode: 0o700 });
      try {
        return { temporary, sink: layers.begin({ directory: join(temporary, 'fs'), digest: null, diffId: null, ...limits }) };
      } catch (error) {
        await layers.removeTree(temporary);
        throw error;
      }
    },
    adopt(open, place, result) {
      return inOrder(() => adopt(open, place, result));
    },
    async compare(open, place, result, below) {
      const fresh = join(open.temporary, 'fs');
      const facts = factsOf(place, result);
      const lower = below
        .filter((name) => hasTree(path(name)))
        .map((name) => join(path(name), 'fs'))
        .reverse();
      if (facts.implied.length > 0) await layers.inherit(fresh, lower, facts.implied);
      if (!hasTree(path(facts.name))) return ['the tree is missing'];
      const stands = lookup(facts.name);
      if (stands === null) return ['the tree has no marker'];
      if (!isDeepStrictEqual(stands, facts)) return ['the marker is that of another tree'];
      return layers.differences(fresh, join(path(facts.name), 'fs'));
    },
    replace(open, place, result) {
      return inOrder(() => replace(open, factsOf(place, result)));
    },
    async discard(open) {
      await open.sink.abort();
      await layers.removeTree(open.temporary);
    },
    async flush() {
      if (existsSync(directory)) await layers.sync(directory);
    },
    async commit(trees) {
      const fresh = trees.filter((tree) => unmarked.has(tree.name));
      if (fresh.length === 0) return;
      for (const [i, tree] of trees.entries()) {
        if (unmarked.has(tree.name) && tree.implied.length > 0) {
          const lower = trees.slice(0, i).map((below) => join(path(below.name), 'fs'));
          await layers.inherit(join(path(tree.name), 'fs'), lower.reverse(), tree.implied);
        }
      }
      await layers.sync(directory);
      for (const tree of fresh) {
        await writeMarker(path(tree.name), tree);
        unmarked.delete(tree.name);
      }
      await layers.sync(directory); // a marker that a cut of power empties would cost the whole tree
    },
    isComplete: (name) => hasMarker(path(name)) && hasTree(path(name)),
    directory: (name) => join(path(name), 'fs'),
    async list() {
      const found = await Promise.all((await listNames()).map(async (name) => ({ name, stats: await statIfThere(path(name)) })));
      return found.flatMap(({ name, stats }) => (stats === null ? [] : [{ name, modifiedAt: stats.mtimeMs }]));
    },
    async detach(name) {
      unmarked.delete(name);
      const aside = path(temporaryName(randomBytes(8).toString('hex')));
      await rename(path(name), aside);
      return {
        async empty() {
          const { bytes } = await layers.usage(aside);
          await layers.removeTree(aside);
          return bytes;
        },
      };
    },
    async sweep() {
      for (const name of await listNames()) {
        const serves = unmarked.has(name) || readMarker(path(name), name) !== null;
        if (!serves && replacedBy(name) === null) await remove(name);
      }
    },
  };
}

async function statIfThere(path: string): Promise<{ readonly mtimeMs: number } | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** What is known of a layer's tree, and the name it has for that. */
function factsOf(place: LayerPlace, result: UnpackResult): SnapshotFacts {
  const shared = result.impliedDirectories.length === 0 || place.diffId === place.chainId;
  return {
    name: hexOf(shared ? place.diffId : place.chainId),
    diffId: place.diffId,
    unpackedBytes: result.unpackedBytes,
    entries: result.entries,
    implied: result.impliedDirectories,
  };
}

function writeMarker(path: string, facts: SnapshotFacts): Promise<void> {
  return writeWhole(join(path, 'complete'), `${JSON.stringify({ version: 1, ...facts })}\n`, 'plain');
}

/** Null when there is no marker or a torn one: then the tree is not to be trusted. */
function readMarker(path: string, name: string): SnapshotFacts | null {
  try {
    const marker = JSON.parse(readFileSync(join(path, 'complete'), 'utf8')) as Partial<SnapshotFacts> & { version?: unknown };
    if (marker.version !== 1 || marker.name !== name || typeof marker.diffId !== 'string' || !Array.isArray(marker.implied)) return null;
    const { diffId, unpackedBytes, entries, implied } = marker as SnapshotFacts;
    return { name, diffId, unpackedBytes, entries, implied };
  } catch (error) {
    if (isAbsent(error) || errnoOf(error) === 'ENOTDIR' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function hasMarker(path: string): boolean {
  return (statSync(join(path, 'complete'), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function hasTree(path: string): boolean {
  return lstatSync(join(path, 'fs'), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Two pulls of one layer from different blobs may meet here: the second one's tree goes, both are right. */
async function renameOnto(from: string, to: string, layers: Layers): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await layers.removeTree(from);
  }
}
