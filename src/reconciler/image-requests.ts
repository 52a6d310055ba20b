import PQueue from 'p-queue';
import type { ImageDetails, ImageItem, ImageLookup, Progress, VerifyReport } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import { formatReference, parseReference } from '../model/reference.ts';
import { parseKey, type ResourceKey, resourceKey } from '../model/resource.ts';
import type { EngineOptions } from './options.ts';
import { observedContainers, progressOf, usersOfImage, type View } from './reader.ts';

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

/** Removes an image and what only it held. CLI021 for one that is not there, IMG030 for one that is used. Nothing may change the world meanwhile. */
export async function removeByHand(engine: EngineOptions, view: View, key: ResourceKey<'Image'>): Promise<void> {
  const name = parseKey(key).name;
  const item = await findImage(engine, key);
  const desired = [...view.graph.resources.values()].find((resource) => resource.kind === 'Image' && resource.spec.ref === name);
  const [user] = usersOfImage(view, item);
  if (desired !== undefined || user !== undefined)
    throw new TsdockError('IMG030', {
      key,
      message: `image ${name} is used by ${user ?? desired?.key}`,
      hint: 'delete what uses it first',
    });
  await engine.images.remove(name);
  await collectContent(engine, view);
}

/** Frees what no image and no instance names. Not while something runs or could not be looked at: it might hold what nobody else names. */
async function collectContent(engine: EngineOptions, view: View): Promise<void> {
  if (view.observation.unseen.size > 0 || view.running.size > 0) return;
  const configDigests = new Set(observedContainers(view).flatMap((container) => container.slots.map((slot) => slot.imageConfig)));
  await engine.images.collect({ configDigests, directories: new Set(), dryRun: false });
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
