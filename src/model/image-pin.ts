import type { ObservedImage } from './observed.ts';
import type { Digest } from './reference.ts';
import type { Instant } from './resource.ts';

/** What a reference stood for when a registry was asked. */
export interface ResolvedImageName {
  /** Digest of this platform's manifest. */
  readonly digest: Digest;
  /** What the name itself points at: the same, or the index above it. */
  readonly topDigest: Digest;
  /** Digest of the manifest's config: the identity that is compared. */
  readonly configDigest: Digest;
  readonly platform: string;
}

/** What an apply found a tag to stand for, where that is not what is here. It holds until something newer is here, by this apply or by a person. */
export interface ImagePin extends ResolvedImageName {
  readonly ref: string;
  readonly at: Instant;
}

/** The pin that is still to be fetched; null: what is here is right. Pure. */
export function openPin(pin: ImagePin | null | undefined, ref: string, observed: ObservedImage | null): ImagePin | null {
  if (pin === null || pin === undefined || pin.ref !== ref || observed === null || observed.ref !== ref) return null;
  return observed.configDigest === pin.configDigest || observed.resolvedAt >= pin.at ? null : pin;
}
