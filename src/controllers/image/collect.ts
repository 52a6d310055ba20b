import type { Digest } from '../../model/reference.ts';
import type { Instant } from '../../model/resource.ts';

/** What lies in content store and layer directory, and what says that it is needed. */
export interface Inventory {
  readonly refs: readonly {
    readonly digest: Digest;
    readonly topDigest: Digest;
    readonly configDigest: Digest;
    readonly layers: readonly { readonly digest: Digest; readonly snapshot: string }[];
  }[];
  /** Ref files that cannot be read: then nobody knows what they need. */
  readonly damagedRefs: readonly string[];
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: number; readonly modifiedAt: Instant }[];
  readonly snapshots: readonly { readonly name: string; readonly modifiedAt: Instant }[];
}

/** Who holds on to something beside the ref files. */
export interface Holds {
  /** Configs of images that instances run, with the names their layers may stand under (diff and chain ids in hex); null: the config cannot be read. */
  readonly configs: readonly { readonly digest: Digest; readonly snapshots: readonly string[] | null }[];
  /** Digests of blobs and names of trees that work under way needs: what a pull brought so far has no ref file yet. */
  readonly needed: ReadonlySet<string>;
  /** What came later than this stays: a pull that was interrupted goes on with it. */
  readonly before: Instant;
}

export interface Collectable {
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: number }[];
  readonly snapshots: readonly string[];
  /** Why nothing may go although something might be unused; null otherwise. */
  readonly held: string | null;
}

/** What may go: whatever no reference, no instance and no work under way names. On an incomplete picture nothing goes. Pure. */
export function collectable(inventory: Inventory, holds: Holds): Collectable {
  const { refs, damagedRefs } = inventory;
  if (damagedRefs.length > 0) return nothing(`${damagedRefs[0]} cannot be read`);
  const unknown = holds.configs.find(({ digest, snapshots }) => snapshots === null && !refs.some((ref) => ref.configDigest === digest));
  if (unknown !== undefined) return nothing(`the layers of ${unknown.digest}, which something runs from, are not known`);
  const needed = new Set(holds.needed);
  const mounted = new Set<string>();
  for (const ref of refs) {
    for (const digest of [ref.digest, ref.topDigest, ref.configDigest]) needed.add(digest);
    for (const layer of ref.layers) needed.add(layer.digest).add(layer.snapshot);
  }
  for (const config of holds.configs) {
    needed.add(config.digest);
    const names = config.snapshots ?? refs.find((ref) => ref.configDigest === config.digest)?.layers.map((layer) => layer.snapshot);
    for (const name of names ?? []) mounted.add(name);
  }
  const isOld = ({ modifiedAt }: { readonly modifiedAt: Instant }): boolean => modifiedAt <= holds.before;
  const isFree = (name: string): boolean => !needed.has(name) && !mounted.has(replacedBy(name) ?? name);
  return {
    blobs: inventory.blobs.filter((blob) => isOld(blob) && isFree(blob.digest)),
    snapshots: inventory.snapshots.filter((tree) => isOld(tree) && !isTemporary(tree.name) && isFree(tree.name)).map(({ name }) => name),
    held: null,
  };
}

/** Which of these references name each thing that may go; of one without any nobody knows what it was for. Pure. */
export function refsOfParts(
  { blobs, snapshots }: Collectable,
  refs: readonly (Inventory['refs'][number] & { readonly ref: string })[],
): { readonly blobs: readonly (readonly string[])[]; readonly snapshots: readonly (readonly string[])[] } {
  const byName = new Map<string, Set<string>>();
  const note = (name: string, ref: string): void => void byName.set(name, (byName.get(name) ?? new Set()).add(ref));
  for (const { ref, digest, topDigest, configDigest, layers } of refs) {
    for (const name of [digest, topDigest, configDigest]) note(name, ref);
    for (const layer of layers) {
      note(layer.digest, ref);
      note(layer.snapshot, ref);
    }
  }
  const refsOf = (name: string): readonly string[] => [...(byName.get(name) ?? [])];
  return { blobs: blobs.map(({ digest }) => refsOf(digest)), snapshots: snapshots.map(refsOf) };
}

function nothing(held: string): Collectable {
  return { blobs: [], snapshots: [], held };
}

/** Name of a tree that is being filled or removed: whoever does that ends it, a sweep what a crash left. */
export function temporaryName(unique: string): string {
  return `tmp-${unique}`;
}

function isTemporary(name: string): boolean {
  return name.startsWith('tmp-');
}

/** Name of a tree that was replaced by a repaired one and may still be mounted: it goes when nothing runs from an image with that layer. */
export function replacedName(name: string, unique: string): string {
  return `old-${name}-${unique}`;
}

/** The tree that took the place of this one; null: it was not replaced. */
export function replacedBy(name: string): string | null {
  return /^old-(?<name>[0-9a-f]+)-[0-9a-f]+$/.exec(name)?.groups?.name ?? null;
}
