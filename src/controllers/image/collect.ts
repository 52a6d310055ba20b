import type { Digest } from '../../model/reference.ts';

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
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: number }[];
  readonly snapshots: readonly string[];
}

/** Who holds on to something beside the ref files. */
export interface Leases {
  /** Configs of images that instances run, with the names their layers may stand under (diff and chain ids in hex); null: the config cannot be read. */
  readonly configs: readonly { readonly digest: Digest; readonly snapshots: readonly string[] | null }[];
  /** Directories below `layers/` that something has mounted. */
  readonly snapshots: ReadonlySet<string>;
  /** A pull is under way: what it brought so far has no ref file yet. */
  readonly pulling: boolean;
}

export interface Collectable {
  readonly blobs: readonly { readonly digest: Digest; readonly bytes: number }[];
  readonly snapshots: readonly string[];
  /** Why nothing may go although something might be unused; null otherwise. */
  readonly held: string | null;
}

/** What may go: whatever no reference and no lease names. On an incomplete picture nothing goes. Pure. */
export function collectable(inventory: Inventory, leases: Leases): Collectable {
  if (inventory.damagedRefs.length > 0) return nothing(`${inventory.damagedRefs[0]} cannot be read`);
  if (leases.pulling) return nothing('a pull is under way');
  const unknown = leases.configs.find(
    ({ digest, snapshots }) => snapshots === null && !inventory.refs.some((ref) => ref.configDigest === digest),
  );
  if (unknown !== undefined) return nothing(`the layers of ${unknown.digest}, which something runs from, are not known`);
  const blobs = new Set<Digest>();
  const mounted = new Set<string>();
  const snapshots = new Set<string>(leases.snapshots);
  for (const ref of inventory.refs) {
    for (const digest of [ref.digest, ref.topDigest, ref.configDigest]) blobs.add(digest);
    for (const layer of ref.layers) {
      blobs.add(layer.digest);
      snapshots.add(layer.snapshot);
    }
  }
  for (const config of leases.configs) {
    blobs.add(config.digest);
    const names =
      config.snapshots ?? inventory.refs.find((ref) => ref.configDigest === config.digest)?.layers.map((layer) => layer.snapshot);
    for (const name of names ?? []) {
      snapshots.add(name);
      mounted.add(name);
    }
  }
  return {
    blobs: inventory.blobs.filter((blob) => !blobs.has(blob.digest)),
    snapshots: inventory.snapshots.filter((name) => !snapshots.has(name) && !mounted.has(replacedBy(name) ?? '')),
    held: null,
  };
}

/** Name of a tree that was replaced by a repaired one and may still be mounted: it goes when nothing runs from an image with that layer. */
export function replacedName(name: string, unique: string): string {
  return `old-${name}-${unique}`;
}

/** The tree that took the place of this one; null: it was not replaced. */
export function replacedBy(name: string): string | null {
  return /^old-(?<name>[0-9a-f]+)-[0-9a-f]+$/.exec(name)?.groups?.name ?? null;
}

function nothing(held: string): Collectable {
  return { blobs: [], snapshots: [], held };
}
