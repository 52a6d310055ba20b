/** Which images go when the disk fills up. Pure. */
import type { ImageItem } from '../model/engine-api.ts';
import type { Digest } from '../model/reference.ts';
import type { Instant } from '../model/resource.ts';

/** What must stay of images. */
export interface ImageUse {
  /** References that are desired, or that a kept revision names: it can be made desired again without a registry. */
  readonly refs: ReadonlySet<string>;
  /** Config digests that instances were made from, or are being made from. */
  readonly configDigests: ReadonlySet<Digest>;
  /** Why that is not known; null: it is. */
  readonly unknown: string | null;
}

/** Of a filesystem. */
export interface DiskSpace {
  readonly usedBytes: number;
  /** For those without privilege: what is reserved for root counts for nobody, as in df(1). */
  readonly freeBytes: number;
  readonly usedInodes: number;
  /** With `usedInodes` 0 as well: the filesystem makes them as it needs them. */
  readonly freeInodes: number;
}

export interface Amount {
  readonly bytes: number;
  readonly inodes: number;
}

/** A blob or an unpacked layer that would go if all `refs` were forgotten; without any it is of no use already. */
export interface Part extends Amount {
  readonly is: 'blob' | 'layer';
  readonly refs: readonly string[];
}

export interface Garbage {
  /** Oldest first. */
  readonly images: readonly UnusedImage[];
  readonly parts: readonly Part[];
}

export type UnusedImage = Pick<ImageItem, 'ref' | 'digest' | 'sizeBytes'> & { readonly unusedSince: Instant };

/** Whether nothing names or runs an image. */
export function isUnused({ ref, configDigest }: Pick<ImageItem, 'ref' | 'configDigest'>, use: ImageUse): boolean {
  return use.unknown === null && !use.refs.has(ref) && ![...use.configDigests].some((digest) => digest === configDigest);
}

/** Images that nothing uses, nor has within `minAgeMs`; the one that was not used for the longest time first. */
export function unusedImages(
  images: readonly ImageItem[],
  use: ImageUse,
  { now, minAgeMs }: { readonly now: Instant; readonly minAgeMs: number },
): readonly UnusedImage[] {
  return images
    .filter((image) => isUnused(image, use))
    .map(({ ref, digest, sizeBytes, resolvedAt, usedAt }) => {
      const unusedSince = Math.max(Date.parse(resolvedAt), usedAt === null ? 0 : Date.parse(usedAt));
      return { ref, digest, sizeBytes, unusedSince };
    })
    .filter(({ unusedSince }) => unusedSince <= now - minAgeMs)
    .sort((a, b) => a.unusedSince - b.unusedSince || (a.ref < b.ref ? -1 : 1));
}

/**
 * As few of the candidates, in their order, as free what is needed together with what is of no use already; nothing when nothing is needed. One that gives back nothing is passed
 * over: work under way, another image or an instance needs all of it.
 */
export function chooseGarbage(candidates: readonly UnusedImage[], parts: readonly Part[], need: Amount): Garbage {
  const isEnough = (amount: Amount): boolean => amount.bytes >= need.bytes && amount.inodes >= need.inodes;
  if (isEnough({ bytes: 0, inodes: 0 })) return { images: [], parts: [] };
  const missing = new Map(parts.map((part) => [part, new Set(part.refs)]));
  const takeFree = (): Part[] => parts.filter((part) => missing.get(part)?.size === 0);
  const images: UnusedImage[] = [];
  let free = takeFree();
  for (const image of candidates) {
    if (isEnough(amountOf(free))) break;
    const own = parts.filter((part) => part.refs.includes(image.ref));
    if (own.length === 0) continue;
    for (const part of own) missing.get(part)?.delete(image.ref);
    images.push(image);
    free = takeFree();
  }
  return { images, parts: free };
}

export function amountOf(parts: readonly Amount[]): Amount {
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    inodes: parts.reduce((sum, part) => sum + part.inodes, 0),
  };
}

/** How full a disk is, in [0, 1]: of its bytes or of its inodes, whichever is scarcer. */
export function fillOf({ usedBytes, freeBytes, usedInodes, freeInodes }: DiskSpace): number {
  return Math.max(shareOf(usedBytes, freeBytes), shareOf(usedInodes, freeInodes));
}

function shareOf(used: number, free: number): number {
  return used + free === 0 ? 0 : used / (used + free);
}

/** What has to go until no more than this share is in use. */
export function excessOf({ usedBytes, freeBytes, usedInodes, freeInodes }: DiskSpace, share: number): Amount {
  const above = (used: number, free: number): number => Math.max(0, Math.ceil(used - share * (used + free)));
  return { bytes: above(usedBytes, freeBytes), inodes: above(usedInodes, freeInodes) };
}

/** The disk when this much has gone. */
export function without({ usedBytes, freeBytes, usedInodes, freeInodes }: DiskSpace, { bytes, inodes }: Amount): DiskSpace {
  return {
    usedBytes: Math.max(0, usedBytes - bytes),
    freeBytes: freeBytes + bytes,
    usedInodes: Math.max(0, usedInodes - inodes),
    freeInodes: freeInodes + inodes,
  };
}
