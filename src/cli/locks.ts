/** `tsdock.lock` files of a command line's manifests: which tags they name, what is locked, what is looked up. */
import { directoryOf } from '../manifest/load.ts';
import { hasMoved, type Lock, type LockedImage, withLocked } from '../manifest/lock.ts';
import { writeLock } from '../manifest/lock-files.ts';
import type { EngineApi, FoundImage, ImageLookup } from '../model/engine-api.ts';
import { type ErrorCode, errorCodes, TsdockError } from '../model/errors.ts';
import { parseReference } from '../model/reference.ts';
import { type AnyResource, parseKey } from '../model/resource.ts';
import type { CommandContext } from './command.ts';
import type { LoadedInput } from './inputs.ts';

/** A tag that manifests of one directory name. */
export interface TaggedImage {
  readonly directory: string;
  /** Canonical. */
  readonly ref: string;
  readonly locked: LockedImage | null;
}

/** Tags the manifests name, whether they are locked or not, by directory and reference. */
export function taggedImages({ cwd }: CommandContext, input: LoadedInput): readonly TaggedImage[] {
  const found = new Map<string, TaggedImage>();
  for (const document of input.unlocked.documents) {
    const ref = refOf(document);
    if (ref === null || !hasTagOnly(ref)) continue;
    const directory = directoryOf(document.origin.file, cwd);
    found.set(`${directory}\0${ref}`, { directory, ref, locked: input.locks.get(directory)?.lock.get(ref) ?? null });
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, image]) => image);
}

/** The reference a document names; null for a container of a declared Image, and for what runs no image. */
function refOf(document: AnyResource): string | null {
  if (document.kind === 'Image') return document.spec.ref;
  if (document.kind !== 'Container') return null;
  const { namespace, name } = parseKey(document.spec.image);
  return namespace === '_' ? name : null;
}

export function hasTagOnly(ref: string): boolean {
  if (/^(?:oci|oci-archive|docker-archive):\//.test(ref)) return false;
  const parsed = parseReference(ref);
  return parsed.ok && parsed.reference.digest === null;
}

/** Whether words of a command line mean this reference: none mean every one; the last parts of its path are enough. */
export function isMeant(ref: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => ref === word || ref.endsWith(`/${word}`));
}

export interface Update extends TaggedImage {
  readonly lookup: ImageLookup;
  readonly moved: boolean;
}

/** What the registries say about these tags now. */
export async function lookUp(engine: EngineApi, images: readonly TaggedImage[], signal: AbortSignal): Promise<readonly Update[]> {
  const refs = [...new Set(images.map(({ ref }) => ref))];
  const answers = new Map((await engine.lookUpImages(refs, { signal })).map((lookup) => [lookup.asked, lookup]));
  return images.flatMap((image) => {
    const lookup = answers.get(image.ref);
    if (lookup === undefined) return [];
    const moved = lookup.found !== null && (image.locked === null || hasMoved(image.locked, lookup.found));
    return [{ ...image, lookup, moved }];
  });
}

/** Locks tags that are not locked yet and gives the input as it is with them. The first that cannot be looked up is the failure; then nothing is written. */
export async function lockInput(context: CommandContext, engine: EngineApi, input: LoadedInput): Promise<LoadedInput> {
  const missing = taggedImages(context, input).filter(({ locked }) => locked === null);
  if (missing.length === 0) return input;
  const updates = await lookUp(engine, missing, context.signal);
  const failed = updates.find(({ lookup }) => lookup.error !== null);
  if (failed !== undefined) throw failureOf(failed.lookup);
  return await writeUpdates(input, updates);
}

/** Writes what was found into the lock files. */
export async function writeUpdates(input: LoadedInput, updates: readonly Update[]): Promise<LoadedInput> {
  const locks = new Map<string, Lock>();
  for (const { directory, ref, lookup } of updates) {
    const found: FoundImage | null = lookup.found;
    if (found === null) continue;
    locks.set(directory, withLocked(locks.get(directory) ?? input.locks.get(directory)?.lock ?? new Map(), ref, found));
  }
  for (const [directory, lock] of locks) await writeLock(directory, lock);
  return input.withLocks(
    new Map([...input.locks, ...[...locks].map(([directory, lock]) => [directory, { lock, problem: null }] as const)]),
  );
}

/** The failure of a look-up as if it had been thrown here. */
export function failureOf({ asked, error }: ImageLookup): TsdockError {
  const code = error !== null && Object.hasOwn(errorCodes, error.code) ? (error.code as ErrorCode) : 'INTERNAL';
  const hint = error?.hint ?? null;
  return new TsdockError(code, { message: error?.message ?? `${asked} was not looked up`, ...(hint === null ? {} : { hint }) });
}
