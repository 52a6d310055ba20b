import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import type {
  ArchiveFormat,
  FoundImage,
  HistoryItem,
  ImageDetails,
  ImageFinding,
  ImageItem,
  VerifiedImage,
  VerifyReport,
} from '../../model/engine-api.ts';
import { TsdockError } from '../../model/errors.ts';
import type { ImagePin } from '../../model/image-pin.ts';
import type { Logger } from '../../model/log.ts';
import type { ObservedImage } from '../../model/observed.ts';
import type { Digest } from '../../model/reference.ts';
import { type Identity, type Instant, parseKey, type ResourceKey, resourceKey } from '../../model/resource.ts';
import { isTrusted, noSignatureRules, type SignatureRules } from '../../model/signature-rule.ts';
import { formatInstant } from '../../model/time.ts';
import type { Layers } from '../../native/index.ts';
import type { Controller } from '../controller.ts';
import { openArchivedImages, openLocalSource } from './archive.ts';
import { type Collectable, collectable, refsOfParts } from './collect.ts';
import { type ContentStore, createContentStore, digestOf, hexOf } from './content-store.ts';
import { diffImage } from './diff.ts';
import { diskError } from './disk.ts';
import type { NamedRegistry } from './endpoints.ts';
import { defaultLayerLimits, type LayerLimits, type LayerProgress } from './fetch-layer.ts';
import { isAbsent } from './files.ts';
import { Flights, Turns } from './flights.ts';
import type { Network } from './http.ts';
import { findReferrers, toDetails, toHistory } from './inspect.ts';
import { Leases, leasedContent } from './leases.ts';
import { planLoad, refuseTakeover, registryRef } from './load.ts';
import { chainIds, hostPlatform, limits, type Platform, parseConfig, parseHistory } from './oci.ts';
import { type PullDeps, type PullProgress, pull } from './pull.ts';
import { createRefStore, type Holder, type RefLayer, type RefRecord } from './refs.ts';
import { RegistryClient } from './registry.ts';
import { resolveImage } from './resolve.ts';
import { saveImages } from './save.ts';
import { defaultRegistryOptions, type RegistryOptions, type SecretOf } from './session.ts';
import { createSnapshots, type DetachedTree, type SnapshotFacts } from './snapshots.ts';
import { canonicalRef, type ImageSource, lazySource, parseSource } from './source.ts';
import { newestTag } from './tags.ts';
import { type CheckedLayer, verifyImage } from './verify.ts';

export interface ImageOptions {
  /** `<state>`: content and layers lie below it. */
  readonly stateDir: string;
  readonly layers: Layers;
  readonly log: Logger;
  readonly now?: () => Instant;
  readonly random?: () => number;
  /** `config.json` with logins; by default that of `docker login` for this user. Null: always anonymous. */
  readonly dockerConfig?: string | null;
  readonly host?: Platform;
  readonly registry?: Partial<Pick<RegistryOptions, 'http' | 'tries' | 'firstWaitMs'>>;
  /** Secrets that Registry objects name; none exist unless given. */
  readonly secretOf?: SecretOf;
  /** Environment that names proxies, and how addresses of names are found; this process's, and the system's resolver. */
  readonly network?: Network;
  readonly layerLimits?: LayerLimits;
  /** Layers that come at the same time, over all pulls. */
  readonly parallelLayers?: number;
}

/** The kind Image, and what `tsdock image` does beside manifests. */
export interface Images {
  readonly controller: Controller<'Image'>;
  /** Everything that was pulled, by reference. `usedBy` is the engine's to fill. */
  list(): Promise<readonly ImageItem[]>;
  /** Looks the name up again and brings what is missing. */
  pull(ref: string, options: { readonly signal: AbortSignal; readonly report: (progress: PullProgress) => void }): Promise<ImageItem>;
  /** Brings the images of an archive (OCI layout, or of docker) under the names that stand in it. Every byte of it is as hostile as one of a registry. */
  load(archive: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<readonly ImageItem[]>;
  /** Images (canonical references) as one archive. CLI021 for one that is not here, IMG032 when something of it is missing or damaged. */
  save(refs: readonly string[], options: { readonly format: ArchiveFormat; readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Gives an image that is here one more name. CLI021 when it is not, IMG031 when the name stands for another image and `replace` is not given. */
  tag(ref: string, as: string, options: { readonly replace: boolean }): Promise<ImageItem>;
  /** How an image was made, newest step first; null when it is not here. */
  history(ref: string): Promise<readonly HistoryItem[] | null>;
  /** What a name stands for now, and the newest tag of the same line if that is another. Keeps nothing. */
  lookUp(ref: string, options: { readonly signal: AbortSignal; readonly newer: boolean }): Promise<FoundImage>;
  /** Everything about an image that is here, and what its registry has about it; null when it is not here. */
  inspect(ref: string, options: { readonly signal: AbortSignal }): Promise<ImageDetails | null>;
  /** Compares everything of these references (canonical; empty: all that are here) with what it should be, and replaces what is damaged. `usedBy` is the engine's to fill. */
  verify(refs: readonly string[], options: VerifyOptions): Promise<VerifyReport>;
  /** Forgets a reference, whoever asked for it; absent is success. Content stays until `collect`. Whether it is in use is the engine's question. */
  remove(ref: string): Promise<void>;
  /** What `collect` would take away, by what names it. */
  collectable(options: CollectOptions): Promise<{ readonly parts: readonly CollectablePart[]; readonly held: string | null }>;
  /** Takes away what neither a reference nor a lease names. When this resolves it has no name any more; `empty` deletes it, which may take long. */
  collect(options: CollectOptions): Promise<CollectReport>;
  /** Notes that references are in use, as far as that was not noted since `unlessSince`. One that is not here is none. */
  noteUse(refs: readonly string[], options: { readonly at: Instant; readonly unlessSince: Instant }): Promise<void>;
  /** Removes what a crash left half done. Once, under the engine's lock; also done before the first pull. */
  sweep(): Promise<void>;
  /** Registry objects as they are desired now; they hold for every image that is looked up from then on. */
  configure(registries: readonly NamedRegistry[]): void;
  /** Signatures without which nothing is unpacked from then on. */
  requireSignatures(rules: SignatureRules): void;
  close(): Promise<void>;
}

export interface LoadOptions {
  /** What messages call the archive. */
  readonly label: string;
  /** How the only image is to be called; null: as the archive says. */
  readonly as: string | null;
  /** Whether a name that stands for something else here is taken over. */
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly report: (progress: PullProgress) => void;
}

export interface VerifyOptions {
  readonly repair: boolean;
  readonly signal: AbortSignal;
  readonly report: (ref: string, progress: PullProgress) => void;
}

export interface CollectOptions {
  /** References that are forgotten first; nothing of them stays but what others need. */
  readonly forget: readonly string[];
  /** Config digests of images that instances were made from: they outlive their reference. */
  readonly configDigests: ReadonlySet<Digest>;
  /** Unneeded content that came later stays: what an interrupted pull goes on with. */
  readonly before: Instant;
}

export interface CollectablePart {
  readonly is: 'blob' | 'layer';
  /** On disk. */
  readonly bytes: number;
  readonly inodes: number;
  /** Those of `forget` that name it. */
  readonly refs: readonly string[];
}

export interface CollectReport {
  readonly blobs: number;
  readonly layers: number;
  /** Why nothing was looked for; null: something was. */
  readonly held: string | null;
  /** Bytes on disk that are free then. What a crash leaves of it goes with the next sweep. */
  empty(signal: AbortSignal): Promise<number>;
}

/** An image that is to be here. */
interface Wish {
  readonly ref: string;
  /** `again`: what the reference stands for now, whatever is here. */
  readonly mode: 'if-missing' | 'again';
  /** What the reference is known to stand for. */
  readonly pin: ImagePin | null;
  /** Null: nobody in particular wants it. */
  readonly holder: Holder | null;
  readonly signal: AbortSignal;
  readonly report: (progress: PullProgress) => void;
}

/** A partial blob nobody went on with for this long is given up. */
const stalePartMs = 7 * 24 * 3_600_000;

export function createImages(options: ImageOptions): Images {
  const { stateDir, layers, log, now = Date.now, random = Math.random, host = hostPlatform(process.arch) } = options;
  const content = createContentStore(join(stateDir, 'content'));
  const refs = createRefStore(join(stateDir, 'content', 'refs'));
  const snapshots = createSnapshots(join(stateDir, 'layers'), layers);
  const dockerConfig = options.dockerConfig === undefined ? defaultDockerConfig(process.env) : options.dockerConfig;
  const secretOf = options.secretOf ?? (async () => null);
  const registries = new RegistryClient(
    { ...defaultRegistryOptions, ...options.registry, log, now, random, dockerConfig, secretOf },
    options.network ?? { env: process.env },
  );
  const queue = new PQueue({ concurrency: options.parallelLayers ?? 4 });
  const turns = new Turns();
  const flights = new Flights<SnapshotFacts, LayerProgress>();
  const leases = new Leases();
  const pullDeps = { content, snapshots, log, now, host, stateDir, layerLimits: options.layerLimits ?? defaultLayerLimits, queue, flights };
  let swept: Promise<void> | null = null;
  let requiredOf = noSignatureRules;

  const sweepNow = async (): Promise<void> => {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    await snapshots.sweep();
    await content.sweep({ now: now(), olderThanMs: stalePartMs, keep: new Set() });
  };
  const sweep = (): Promise<void> => {
    swept ??= sweepNow().catch((error: unknown) => {
      swept = null; // tried again by the next pull
      throw error;
    });
    return swept;
  };
  const openSource = async (ref: string): Promise<ImageSource> => {
    const source = parseSource(ref);
    return source.type === 'registry' ? registries.open(source) : openLocalSource(source);
  };

  /** One change of a reference at a time. What it needs stays until it has ended. */
  const inTurn = async <T>(ref: string, signal: AbortSignal, what: string, work: (deps: PullDeps) => Promise<T>): Promise<T> => {
    await sweep();
    const lease = leases.open();
    try {
      return await turns.take(ref, signal, () => work({ ...pullDeps, content: leasedContent(content, lease), need: lease.need }));
    } catch (error) {
      throw await diskError(error, stateDir, what);
    } finally {
      lease.close();
    }
  };
  /** What stands in the ref file afterwards. One at a time for each reference, so that all who want it get the same image. */
  const bring = (wish: Wish): Promise<RefRecord> =>
    inTurn(wish.ref, wish.signal, `while pulling ${wish.ref}`, (deps) => bringInTurn(wish, deps));
  const bringInTurn = async ({ ref, mode, pin, holder, signal, report }: Wish, deps: PullDeps): Promise<RefRecord> => {
    const known = refs.get(ref);
    if (known !== null) await deps.need(namesOf(known));
    const keep = (record: RefRecord | null): readonly Holder[] => withHolder(record?.holders ?? [], holder);
    const signatures = requiredOf(ref);
    const isRight =
      known !== null &&
      isUnpacked(known) &&
      isTrusted({ ref, signedBy: known.signedBy ?? [] }, signatures) &&
      (pin === null || pin.configDigest === known.configDigest);
    if (mode === 'if-missing' && isRight) {
      if (holder === null || isHeldBy(known, holder)) return known;
      return (await refs.update(ref, (record) => ({ ...(record ?? known), holders: keep(record) }))) ?? known;
    }
    const digest = mode === 'again' ? null : (pin?.digest ?? known?.digest ?? null);
    const claimed = digest === null ? null : (pin?.topDigest ?? known?.topDigest ?? null);
    const source = await openSource(ref);
    const pulled = await pull({ ref, source, digest, topDigest: claimed, signatures, signal, report }, deps);
    const stands = { ...pulled, topDigest: claimed ?? pulled.topDigest };
    return (await refs.update(ref, (record) => ({ ...stands, holders: keep(record) }))) ?? { ...stands, holders: [] };
  };
  const isUnpacked = (record: RefRecord): boolean => record.layers.every((layer) => snapshots.isComplete(layer.snapshot));
  const release = async (key: ResourceKey<'Image'>, keepRef: string | null): Promise<void> => {
    for (const record of refs.list().records) {
      if (record.ref === keepRef || !record.holders.some((holder) => holder.key === key)) continue;
      await refs.update(record.ref, (current) => {
        const holders = current?.holders.filter((holder) => holder.key !== key) ?? [];
        return current === null || (holders.length === 0 && keepRef === null) ? null : { ...current, holders };
      });
    }
  };
  const toObserved = (record: RefRecord, key: ResourceKey<'Image'>, identity: Identity | null): ObservedImage => ({
    kind: 'Image',
    key,
    identity,
    uses: [],
    claims: [],
    ref: record.ref,
    digest: record.digest,
    topDigest: record.topDigest,
    configDigest: record.configDigest,
    platform: record.platform,
    config: record.config,
    layers: topmostLayers(record.layers).map(({ diffId, snapshot }) => ({ diffId, directory: snapshots.directory(snapshot) })),
    unpacked: isUnpacked(record),
    sizeBytes: record.unpackedBytes,
    resolvedAt: record.resolvedAt,
    signedBy: record.signedBy ?? [],
  });

  const hereOr = (ref: string): RefRecord => {
    const record = refs.get(ref);
    if (record === null) throw new TsdockError('CLI021', { message: `no image ${JSON.stringify(ref)}`, hint: `tsdock image pull ${ref}` });
    return record;
  };

  const findCollectable = async (
    { forget, configDigests, before }: CollectOptions,
    needed: ReadonlySet<string>,
  ): Promise<{ readonly found: Collectable; readonly forgotten: readonly RefRecord[] }> => {
    const { records, damaged } = refs.list();
    const [listing, names] = await Promise.all([content.list(), snapshots.list()]);
    const configs = await Promise.all([...configDigests].map((digest) => leaseOfConfig(content, digest)));
    const wanted = new Set(forget);
    const staying = records.filter(({ ref }) => !wanted.has(ref));
    const found = collectable({ refs: staying, damagedRefs: damaged, blobs: listing.blobs, snapshots: names }, { configs, needed, before });
    return { found, forgotten: records.filter(({ ref }) => wanted.has(ref)) };
  };
  /** A tree does not change, and to count its files takes long. */
  const treeSizes = new Map<string, { readonly bytes: number; readonly inodes: number }>();
  const sizeOfTree = async (name: string): Promise<{ readonly bytes: number; readonly inodes: number }> => {
    const known = treeSizes.get(name);
    if (known !== undefined) return known;
    try {
      const size = await layers.usage(join(stateDir, 'layers', name));
      treeSizes.set(name, size);
      return size;
    } catch (error) {
      if (isAbsent(error)) return { bytes: 0, inodes: 0 }; // removed meanwhile
      throw error;
    }
  };

  const controller: Controller<'Image'> = {
    kind: 'Image',
    async observe(key) {
      const { records, damaged } = refs.list();
      for (const path of damaged) log.warn('image record cannot be read; it counts as absent until the image is pulled again', { path });
      const all = new Map<string, ObservedImage>();
      for (const record of records) {
        const implicit = resourceKey('Image', '_', record.ref);
        all.set(implicit, toObserved(record, implicit, record.holders.find((holder) => holder.key === implicit)?.identity ?? null));
      }
      for (const [heldKey, { record, holder }] of newestHolders(records)) {
        if (!all.has(heldKey)) all.set(heldKey, toObserved(record, holder.key, holder.identity));
      }
      const wanted = key === undefined ? [...all.values()] : [all.get(key)];
      return wanted.filter((image) => image !== undefined);
    },
    diff: diffImage,
    async run(action, context) {
      const key = action.subject as ResourceKey<'Image'>;
      const { ref, identity, pin } = action.input;
      if (action.verb === 'remove') return release(key, null);
      await bring({
        ref,
        mode: 'if-missing',
        pin,
        holder: { key, identity, since: now() },
        signal: context.signal,
        report: (progress) => context.progress(progress),
      });
      if (parseKey(key).namespace !== '_') await release(key, ref);
    },
  };

  return {
    controller,
    list: async () => refs.list().records.map(toItem),
    pull: async (ref, { signal, report }) =>
      toItem(await bring({ ref: canonicalRef(ref), mode: 'again', pin: null, holder: null, signal, report })),
    async load(archive, { label, as, replace, signal, report }) {
      await sweep();
      const spool = await content.spool(archive).catch(async (error: unknown) => {
        throw await diskError(error, stateDir, `while taking in ${label}`);
      });
      try {
        const items: ImageItem[] = [];
        for (const plan of planLoad(label, await openArchivedImages(spool.path, label), as)) {
          const stage = async (deps: PullDeps): Promise<RefRecord> => {
            const source = await plan.image.open();
            if (!replace) {
              const image = await resolveImage({ source, content: readOnly(content), host, digest: null, signal });
              refuseTakeover(label, plan, refs.get(plan.ref), image.configDigest);
            }
            const signatures = requiredOf(plan.ref);
            const pulled = await pull({ ref: plan.ref, source, digest: null, topDigest: null, signatures, signal, report }, deps);
            return (await refs.update(plan.ref, (record) => ({ ...pulled, holders: record?.holders ?? [] }))) ?? { ...pulled, holders: [] };
          };
          items.push(toItem(await inTurn(plan.ref, signal, `while loading ${label}`, stage)));
        }
        return items;
      } finally {
        await spool.discard();
      }
    },
    async *save(wanted, { format, signal }) {
      const lease = leases.open();
      try {
        const records = wanted.map(hereOr);
        await lease.need(records.flatMap(namesOf));
        yield* saveImages(records, format, content, signal);
      } finally {
        lease.close();
      }
    },
    async tag(ref, as, { replace }) {
      const name = registryRef(as);
      const tagged = await inTurn(name, new AbortController().signal, `while naming ${name}`, async (deps) => {
        const record = hereOr(canonicalRef(ref));
        await deps.need(namesOf(record));
        if (!replace) refuseTakeover(ref, { ref: name }, refs.get(name), record.configDigest);
        return await refs.update(name, (known) => ({ ...hereOr(record.ref), ref: name, holders: known?.holders ?? [], resolvedAt: now() }));
      });
      return toItem(tagged ?? hereOr(name));
    },
    async history(text) {
      const record = refs.get(canonicalRef(text));
      if (record === null) return null;
      const config = await content.readBlob(record.configDigest, limits.configBytes);
      if (config === null)
        throw new TsdockError('IMG032', {
          message: `the config of ${record.ref} is missing or damaged`,
          hint: `tsdock image verify ${record.ref}`,
        });
      return toHistory(record, parseHistory(config, record.ref));
    },
    async lookUp(text, { signal, newer }) {
      const ref = canonicalRef(text);
      const source = await openSource(ref);
      const { digest, topDigest, configDigest, platform } = await resolveImage({
        source,
        content: readOnly(content),
        host,
        digest: null,
        signal,
      });
      const tag = parseReferenceTag(ref);
      const tags = newer && tag !== null ? ((await source.tags?.(signal)) ?? []) : [];
      return { ref, digest, topDigest, configDigest, platform, newer: tag === null ? null : newestTag(tag, tags) };
    },
    async inspect(text, { signal }) {
      const ref = canonicalRef(text);
      const record = refs.get(ref);
      if (record === null) return null;
      const source = await openSource(ref);
      return toDetails(record, await findReferrers(source, record, signal));
    },
    async verify(wanted, { repair, signal, report }) {
      const { records, damaged } = refs.list();
      if (repair) for (const path of damaged) await refs.drop(path);
      const seen = new Map<string, CheckedLayer>();
      const images: VerifiedImage[] = [];
      try {
        for (const record of records.filter(({ ref }) => wanted.length === 0 || wanted.includes(ref))) {
          const { ref, digest } = record;
          const source = lazySource(ref, () => openSource(ref));
          const told = (progress: PullProgress): void => report(ref, progress);
          const request = { record, source, repair, seen, signal, report: told };
          const findings = await inTurn(ref, signal, `while verifying ${ref}`, async (deps) => {
            await deps.need(namesOf(record));
            return verifyImage(request, deps);
          });
          images.push({ ref, digest, state: stateOf(findings), findings, usedBy: [] });
        }
      } finally {
        for (const { kept } of seen.values()) if (kept !== null) await snapshots.discard(kept);
      }
      return { images, damagedRecords: damaged };
    },
    async remove(ref) {
      await refs.update(canonicalRef(ref), () => null);
    },
    async collectable(options) {
      const { found, forgotten } = await leases.remove((needed) => findCollectable(options, needed));
      const refs = refsOfParts(found, forgotten);
      const blobs = found.blobs.map(({ bytes }, i) => ({ is: 'blob', bytes, inodes: 1, refs: refs.blobs[i] ?? [] }) as const);
      const trees: CollectablePart[] = [];
      for (const [i, name] of found.snapshots.entries())
        trees.push({ is: 'layer', ...(await sizeOfTree(name)), refs: refs.snapshots[i] ?? [] });
      return { parts: [...blobs, ...trees], held: found.held };
    },
    async collect(options) {
      const { found, trees } = await leases.remove(async (needed) => {
        const { found } = await findCollectable(options, needed);
        const trees: DetachedTree[] = [];
        if (found.held !== null) return { found, trees };
        for (const ref of new Set(options.forget)) await refs.update(ref, () => null);
        for (const name of found.snapshots) trees.push(await snapshots.detach(name));
        for (const name of found.snapshots) treeSizes.delete(name);
        for (const blob of found.blobs) await content.dropBlob(blob.digest);
        return { found, trees };
      });
      const blobBytes = found.blobs.reduce((sum, blob) => sum + blob.bytes, 0);
      const empty = async (signal: AbortSignal): Promise<number> =>
        (await emptyAll(trees, signal)).reduce((sum, size) => sum + size, blobBytes);
      return { blobs: found.blobs.length, layers: found.snapshots.length, held: found.held, empty };
    },
    async noteUse(wanted, { at, unlessSince }) {
      for (const ref of wanted) {
        const known = refs.get(ref);
        if (known === null || (known.usedAt ?? 0) > unlessSince) continue;
        await refs.update(ref, (record) => (record === null ? null : { ...record, usedAt: at }));
      }
    },
    sweep,
    configure: (wanted) => registries.configure(wanted),
    requireSignatures(wanted) {
      requiredOf = wanted;
    },
    close: () => registries.close(),
  };
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function defaultDockerConfig(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
}

/** What is read to answer a question is not kept: whoever asks may have no right to write. */
function readOnly(content: ContentStore): Pick<ContentStore, 'readBlob' | 'writeBlob'> {
  return {
    readBlob: (digest, maxBytes) => content.readBlob(digest, maxBytes),
    writeBlob: async (bytes, algorithm) => digestOf(bytes, algorithm),
  };
}

function stateOf(findings: readonly ImageFinding[]): VerifiedImage['state'] {
  if (findings.length === 0) return 'ok';
  return findings.every(({ repaired }) => repaired) ? 'repaired' : 'damaged';
}

function parseReferenceTag(ref: string): string | null {
  const source = parseSource(ref);
  return source.type === 'registry' && source.digest === null ? source.tag : null;
}

function withHolder(holders: readonly Holder[], holder: Holder | null): readonly Holder[] {
  return holder === null ? holders : [...holders.filter((one) => one.key !== holder.key), holder];
}

/**
 * A tree that stands twice in an image counts where it stands highest: overlayfs refuses one directory twice (ELOOP), and all that the lower one shows or hides the upper one
 * shows or hides as well.
 */
function topmostLayers(layers: readonly RefLayer[]): readonly RefLayer[] {
  return layers.filter((layer, i) => layers.findLastIndex((other) => other.snapshot === layer.snapshot) === i);
}

function isHeldBy(record: RefRecord, { key, identity }: Holder): boolean {
  const held = record.holders.find((one) => one.key === key)?.identity;
  return held !== undefined && held.uid === identity.uid && held.set === identity.set && held.specHash === identity.specHash;
}

/** The reference each object holds. A crash while an object moves from one to another leaves it in both files: the later one counts. */
function newestHolders(records: readonly RefRecord[]): ReadonlyMap<string, { readonly record: RefRecord; readonly holder: Holder }> {
  const newest = new Map<string, { record: RefRecord; holder: Holder }>();
  for (const record of records) {
    for (const holder of record.holders) {
      const known = newest.get(holder.key);
      if (known === undefined || known.holder.since <= holder.since) newest.set(holder.key, { record, holder });
    }
  }
  return newest;
}

function toItem(record: RefRecord): ImageItem {
  return {
    ref: record.ref,
    digest: record.digest,
    configDigest: record.configDigest,
    platform: record.platform,
    sizeBytes: record.unpackedBytes,
    layers: record.layers.length,
    usedBy: [],
    resolvedAt: formatInstant(record.resolvedAt),
    usedAt: record.usedAt === undefined ? null : formatInstant(record.usedAt),
  };
}

/** Everything a reference needs, as a lease names it. */
function namesOf({ digest, topDigest, configDigest, layers }: RefRecord): readonly string[] {
  return [digest, topDigest, configDigest, ...layers.flatMap((layer) => [layer.digest, layer.snapshot])];
}

/** Until `signal` says that it is enough: a sweep removes the rest. */
async function emptyAll(trees: readonly DetachedTree[], signal: AbortSignal): Promise<readonly number[]> {
  const sizes: number[] = [];
  for (const tree of trees) if (!signal.aborted) sizes.push(await tree.empty());
  return sizes;
}

/** Under which names the layers of an image may stand, told by its config; null: it cannot be told. */
async function leaseOfConfig(
  content: { readBlob(digest: Digest, maxBytes: number): Promise<Buffer | null> },
  digest: Digest,
): Promise<{ readonly digest: Digest; readonly snapshots: readonly string[] | null }> {
  const bytes = await content.readBlob(digest, limits.configBytes);
  if (bytes === null) return { digest, snapshots: null };
  const { diffIds } = parseConfig(bytes, digest);
  const chain = chainIds(diffIds, (text) => createHash('sha256').update(text).digest('hex'));
  return { digest, snapshots: [...diffIds, ...chain].map(hexOf) };
}
