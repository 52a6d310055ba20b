import PQueue from 'p-queue';
import type {
  ArchiveFormat,
  HistoryItem,
  ImageDetails,
  ImageItem,
  ImageLookup,
  LoadOptions,
  Progress,
  VerifyReport,
} from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import { formatReference, parseReference } from '../model/reference.ts';
import { parseKey, type ResourceKey, resourceKey } from '../model/resource.ts';
import type { ImageUse } from './garbage.ts';
import type { Finish } from './image-collection.ts';
import type { EngineOptions, ImageProgress } from './options.ts';
import { progressOf, usersOfImage, type View } from './reader.ts';

/** The key of an image a person names; a name that cannot be read stands for itself. */
export function imageKey(ref: string): ResourceKey<'Image'> {
  const parsed = parseReference(ref);
  return resourceKey('Image', '_', parsed.ok ? formatReference(parsed.reference) : ref);
}

/** Fetches an image no manifest names. Ends early by the signal. */
export async function pullByHand(
  engine: EngineOptions,
  key: ResourceKey<'Image'>,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<ImageItem> {
  const report = (state: Progress['state'], fields: Partial<Progress> = {}): void =>
    options.onProgress(progressOf({ at: engine.now(), subject: key, verb: 'pull', state, ...fields }));
  report('started');
  const item = await engine.images.pull(parseKey(key).name, {
    signal: options.signal,
    report: ({ part, stage, done, total }) => report('running', { part, stage, done, total }),
  });
  report('done');
  return item;
}

/** Verifies these images, or all. CLI021 for one that is not here. */
export async function verifyByHand(
  engine: EngineOptions,
  view: () => View,
  refs: readonly string[],
  options: { readonly repair: boolean; readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<VerifyReport> {
  const { repair, signal, onProgress } = options;
  const wanted = await Promise.all(refs.map(async (ref) => (await findImage(engine, imageKey(ref))).ref));
  const report = await engine.images.verify(wanted, {
    repair,
    signal,
    report: (ref, { part, stage, done, total }) =>
      onProgress(progressOf({ at: engine.now(), subject: imageKey(ref), verb: 'verify', state: 'running', part, stage, done, total })),
  });
  const items = await engine.images.list();
  const usersOf = (ref: string): readonly string[] => {
    const item = items.find((one) => one.ref === ref);
    return item === undefined ? [] : usersOfImage(view(), item);
  };
  return { ...report, images: report.images.map((image) => ({ ...image, usedBy: usersOf(image.ref) })) };
}

/** CLI021 for an image that is not here. */
async function findImage(engine: EngineOptions, key: ResourceKey<'Image'>): Promise<ImageItem> {
  const { name } = parseKey(key);
  const item = (await engine.images.list()).find((one) => one.ref === name);
  if (item === undefined)
    throw new TsdockError('CLI021', { key, message: `no image ${JSON.stringify(name)}`, hint: `tsdock image pull ${name}` });
  return item;
}

/** Removes an image and what only it held. CLI021 for one that is not there, IMG030 for one that is used. Nothing may change the world meanwhile; what it gives back may take its time. */
export async function removeByHand(engine: EngineOptions, view: View, use: ImageUse, key: ResourceKey<'Image'>): Promise<Finish<void>> {
  const { ref, configDigest } = await findImage(engine, key);
  const desired = [...view.graph.resources.values()].find((resource) => resource.kind === 'Image' && resource.spec.ref === ref);
  const [user] = usersOfImage(view, { ref, configDigest });
  if (desired !== undefined || user !== undefined)
    throw new TsdockError('IMG030', {
      key,
      message: `image ${ref} is used by ${user ?? desired?.key}`,
      hint: 'delete what uses it first',
    });
  if (use.unknown !== null) {
    await engine.images.remove(ref);
    return async () => undefined; // its content is collected later
  }
  const { empty } = await engine.images.collect({ forget: [ref], configDigests: use.configDigests, before: engine.now() });
  return async (signal) => void (await empty(signal));
}

/** Names an image anew. CLI021, IMG031. */
export async function tagByHand(
  engine: EngineOptions,
  ref: string,
  as: string,
  options: { readonly replace: boolean },
): Promise<ImageItem> {
  const { ref: known } = await findImage(engine, imageKey(ref));
  return await engine.images.tag(known, as, options);
}

/** CLI021 for an image that is not here. */
export async function historyByHand(engine: EngineOptions, ref: string): Promise<readonly HistoryItem[]> {
  const { ref: known } = await findImage(engine, imageKey(ref));
  return (await engine.images.history(known)) ?? [];
}

/** CLI021 for one of them that is not here, before anything is handed out. */
export async function* saveByHand(
  engine: EngineOptions,
  refs: readonly string[],
  options: { readonly format: ArchiveFormat; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const known = await Promise.all(refs.map(async (ref) => (await findImage(engine, imageKey(ref))).ref));
  yield* engine.images.save(known, options);
}

/** Brings the images of an archive. Ends early by the signal. */
export async function loadByHand(
  engine: EngineOptions,
  archive: AsyncIterable<Uint8Array>,
  { label, as, replace, signal, onProgress }: LoadOptions,
): Promise<readonly ImageItem[]> {
  const report = (progress: ImageProgress): void =>
    onProgress(progressOf({ at: engine.now(), subject: label, verb: 'load', state: 'running', ...progress }));
  return await engine.images.load(archive, { label, as, replace, signal, report });
}

/** Names that are looked up at the same time. */
const parallelLookups = 4;

/** What names stand for now, in the order they were asked for. A failure belongs to its name. */
export async function lookUpByHand(
  engine: EngineOptions,
  refs: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<readonly ImageLookup[]> {
  const names = [...new Set(refs)];
  const queue = new PQueue({ concurrency: parallelLookups });
  const answers = await queue.addAll(names.map((asked) => () => lookUpOne(engine, asked, options.signal)));
  return refs.flatMap((ref) => answers[names.indexOf(ref)] ?? []);
}

async function lookUpOne(engine: EngineOptions, asked: string, signal: AbortSignal): Promise<ImageLookup> {
  try {
    return { asked, found: await engine.images.lookUp(asked, { signal, newer: true }), error: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TsdockError)) throw error;
    return { asked, found: null, error: { code: error.code, message: error.message, hint: error.hint } };
  }
}

/** CLI021 for an image that is not here. */
export async function inspectByHand(
  engine: EngineOptions,
  view: View,
  ref: string,
  options: { readonly signal: AbortSignal },
): Promise<ImageDetails> {
  const details = await engine.images.inspect(ref, options);
  if (details === null) throw new TsdockError('CLI021', { message: `no image ${JSON.stringify(ref)}`, hint: `tsdock image pull ${ref}` });
  return { ...details, usedBy: usersOfImage(view, { ref: details.ref, configDigest: details.configDigest }) };
}
