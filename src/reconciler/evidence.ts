/** What the world says beside what was observed: last words of a program that ended, a disk that is full. */
import { statfs } from 'node:fs/promises';
import type { Cause } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import { parseKey, type ResourceKey } from '../model/resource.ts';
import { showSize } from '../model/size.ts';
import type { EngineOptions } from './options.ts';
import type { View } from './reader.ts';
import { chainOf } from './why.ts';

/** Lines of a container's log that say what it ended of. */
const lastLines = 3;
/** A disk with less than this share of it free is full: a program that needs more than a few blocks fails on it. */
const fullShare = 0.01;

interface World extends Pick<EngineOptions, 'readLogs' | 'stateDir'> {
  readonly view: View;
  readonly signal: AbortSignal;
}

/** The causal chain of an object with the evidence for its ends. CLI021 for one that is neither desired nor there. */
export async function why(
  options: Pick<EngineOptions, 'now' | 'readLogs' | 'stateDir'>,
  view: View,
  key: ResourceKey,
  { signal }: { readonly signal: AbortSignal },
): Promise<Cause> {
  const { kind, namespace, name } = parseKey(key);
  if (!view.graph.resources.has(key) && !view.observation.observed.resources.has(key))
    throw new TsdockError('CLI021', { key, message: `no ${kind} "${name}" in namespace "${namespace}"` });
  return await withEvidence(chainOf(key, view, options.now()), { ...options, view, signal });
}

/** Adds what a program said before it ended, and a disk that is full where it may have written. */
async function withEvidence(cause: Cause, world: World): Promise<Cause> {
  const causes = await Promise.all(cause.causes.map((below) => withEvidence(below, world)));
  const hasEnded = cause.reason === 'CrashLoopBackOff' || cause.reason === 'Exited';
  if (causes.length > 0 || cause.phase === 'Ready') return { ...cause, causes };
  const [evidence, full] = await Promise.all([
    hasEnded && cause.object.startsWith('Container/') ? lastWords(cause.object, world) : [],
    fullDisks(cause, world),
  ]);
  return full.length === 0 ? { ...cause, evidence } : { ...cause, evidence, causes: full, next: [] };
}

async function lastWords(key: ResourceKey, { readLogs, signal }: World): Promise<readonly string[]> {
  const { namespace, name } = parseKey(key);
  const lines: string[] = [];
  try {
    for await (const { line } of readLogs({ namespace, name, follow: false, tail: lastLines, sinceMs: null, previous: false, signal }))
      lines.push(line);
  } catch (error) {
    if (!(error instanceof TsdockError)) throw error; // it has printed nothing
  }
  return lines;
}

/** Volumes of a container on a full disk, else the state directory when that is full. */
async function fullDisks({ object }: Cause, { view, stateDir }: World): Promise<readonly Cause[]> {
  const volumes = (view.graph.resources.get(object)?.refs ?? []).flatMap(({ key }) => {
    const observed = view.observation.observed.resources.get(key);
    return observed?.kind === 'Volume' ? [{ key, path: observed.path }] : [];
  });
  const places = [...volumes, { key: object, path: stateDir }];
  const spaces = await Promise.all(places.map(async (place) => ({ ...place, space: await spaceAt(place.path) })));
  const full = spaces.flatMap(({ key, path, space }) =>
    space !== null && space.free < fullShare * space.total ? [{ key, path, space }] : [],
  );
  return full.slice(0, 1).map(({ key, path, space }) => ({
    object: key,
    phase: 'Degraded',
    reason: 'DiskFull',
    message: `${showSize(space.free)} of ${showSize(space.total)} free (${path})`,
    since: null,
    origin: null,
    evidence: [],
    causes: [],
    next: ['tsdock image ls shows images that nothing uses, tsdock image rm frees them', 'free space on that disk'],
  }));
}

/** Bytes an ordinary program may still write there, of all; null: there is no such place. */
async function spaceAt(path: string): Promise<{ readonly free: number; readonly total: number } | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return null; // what cannot be looked at is no evidence
  }
}
