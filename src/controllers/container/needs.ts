import { type ImagePin, openPin } from '../../model/image-pin.ts';
import type { Claim, ContainerCreateInput, Reason, ReasonCode } from '../../model/plan.ts';
import type { Digest } from '../../model/reference.ts';
import { type Resource, type ResourceKey, resourceKey, slotKey } from '../../model/resource.ts';
import { isTrusted } from '../../model/signature-rule.ts';
import type { PlanView } from '../controller.ts';
import { isContent, sourceOfContent, wantedContent } from './contents.ts';
import { environmentOf } from './environment.ts';
import { replaceHashOf, updateHashOf } from './hashes.ts';
import { instanceIdOf } from './instance.ts';

/** All that one incarnation is made from, or why it cannot be made yet. */
export type CreateNeeds =
  | { readonly is: 'met'; readonly input: ContainerCreateInput }
  | { readonly is: 'missing'; readonly reason: Reason };

/** Collects from the world what a new incarnation of a slot needs. Pure. */
export function createNeeds(desired: Resource<'Container'>, slot: number, view: PlanView): CreateNeeds {
  const image = imageOf(desired, view);
  if ('code' in image) return missing(image);
  const networks = networksOf(desired, slot, view);
  if ('code' in networks) return missing(networks);
  const volumes = volumesOf(desired, view);
  if ('code' in volumes) return missing(volumes);
  const contents = contentsOf(desired, view);
  if ('code' in contents) return missing(contents);
  const environment = environmentOf(desired, view);
  if (environment.is === 'unknown') return missing(waiting(environment.code, environment.message, 'env'));
  const replaceHash = replaceHashOf(desired.spec);
  return {
    is: 'met',
    input: {
      resource: desired,
      instance: instanceIdOf(desired.key, slot, replaceHash, view.now),
      uid: view.record(desired.key)?.uid ?? '',
      slot,
      replaceHash,
      updateHash: updateHashOf(desired.spec),
      image,
      networks,
      volumes,
      writes: writtenVolumes(desired, view),
      environment: environment.values,
      environmentHashes: environment.hashes,
      contents,
    },
  };
}

/** What an instance holds on to: everything it mounts, runs from or is attached to. Not what it depends on: that may be replaced beside it. Pure. */
export function usesOf(desired: Resource<'Container'>): readonly ResourceKey[] {
  const { spec } = desired;
  const keys: ResourceKey[] = [spec.image];
  if (spec.networkMode === 'bridge') keys.push(...spec.networks.map((join) => join.network));
  for (const mount of spec.mounts) {
    if (mount.type === 'volume') keys.push(mount.volume);
    if (isContent(mount)) keys.push(sourceOfContent(mount));
  }
  return [...new Set(keys)].sort();
}

/** What nobody else may hold while an instance exists. Pure. */
export function claimsOf(
  addresses: readonly (readonly [ResourceKey, string])[],
  writes: readonly ResourceKey<'Volume'>[],
): readonly Claim[] {
  return [
    ...addresses.map(([network, address]): Claim => `address:${network}:${address}`),
    ...writes.map((volume): Claim => `writer:${volume}`),
  ].sort();
}

/** What the container's image is about to become, when its tag has moved and what it stands for now is not here yet. Pure. */
export function movedImage(desired: Resource<'Container'>, view: PlanView): ImagePin | null {
  const ref = wantedRef(desired, view);
  const { image } = desired.spec;
  return ref === null ? null : openPin(view.record(image)?.pin, ref, view.observed(image));
}

/** Config digest of what a reference stands for, as far as that is known: of the image itself, or of its tag where that is what the digest in it names. Pure. */
export function knownConfig(desired: Resource<'Container'>, ref: string, view: PlanView): Digest | null {
  const image = view.observed(desired.spec.image);
  if (image !== null && image.ref === ref && image.unpacked) return image.configDigest;
  const at = ref.lastIndexOf('@');
  const tagged = at < 0 ? null : view.observed(resourceKey('Image', '_', ref.slice(0, at)));
  if (tagged === null || !tagged.unpacked) return null;
  const digest = ref.slice(at + 1);
  return digest === tagged.digest || digest === tagged.topDigest ? tagged.configDigest : null;
}

/** Reference the container's image stands for now; null while its Image object is missing. Pure. */
export function wantedRef(desired: Resource<'Container'>, view: PlanView): string | null {
  return view.desired(desired.spec.image)?.spec.ref ?? null;
}

function imageOf(desired: Resource<'Container'>, view: PlanView): ContainerCreateInput['image'] | Reason {
  const ref = wantedRef(desired, view);
  const observed = view.observed(desired.spec.image);
  if (ref === null) return waiting('WaitingForImage', `${desired.spec.image} does not exist`, 'image');
  if (observed === null || observed.ref !== ref || !observed.unpacked)
    return waiting('WaitingForImage', `${ref} is not unpacked yet`, 'image');
  if (!isTrusted(observed, view.signatureRules(ref)))
    return waiting('WaitingForImage', `the signature of ${ref} is not checked yet`, 'image');
  const moved = movedImage(desired, view);
  if (moved !== null) return waiting('WaitingForImage', `${ref} is fetched again: its tag has moved`, 'image');
  return { ref: observed.ref, configDigest: observed.configDigest, config: observed.config, layers: observed.layers };
}

/** Where a slot is attached, or why that is not possible yet. Pure. */
export function networksOf(desired: Resource<'Container'>, slot: number, view: PlanView): ContainerCreateInput['networks'] | Reason {
  if (desired.spec.networkMode !== 'bridge') return [];
  const subject = slotKey(desired.key, slot);
  const refused = view.missingLease(subject);
  if (refused !== null) return refused;
  const addresses = view.slotLease(subject)?.addresses ?? {};
  const found: ContainerCreateInput['networks'][number][] = [];
  for (const { network } of desired.spec.networks) {
    const lease = view.networkLease(network);
    const observed = view.observed(network);
    const address = addresses[network];
    if (lease === null || address === undefined)
      return view.missingLease(network) ?? waiting('NetworkMissing', `${network} has no subnet yet`, 'networks');
    if (observed === null || !observed.up || observed.link !== lease.link || observed.subnet !== lease.subnet) {
      return waiting('NetworkMissing', `${network} is not up yet`, 'networks');
    }
    found.push({
      key: network,
      link: lease.link,
      address,
      prefix: Number(lease.subnet.slice(lease.subnet.indexOf('/') + 1)),
      gateway: lease.gateway,
      mtu: observed.mtu,
    });
  }
  return found;
}

function volumesOf(desired: Resource<'Container'>, view: PlanView): ContainerCreateInput['volumes'] | Reason {
  const paths: Record<ResourceKey, string> = {};
  for (const mount of desired.spec.mounts) {
    if (mount.type !== 'volume') continue;
    const observed = view.observed(mount.volume);
    if (observed === null || !observed.present) return waiting('VolumeMissing', `${mount.volume} does not exist yet`, 'mounts');
    paths[mount.volume] = observed.path;
  }
  return paths;
}

function contentsOf(desired: Resource<'Container'>, view: PlanView): ContainerCreateInput['contents'] | Reason {
  const found: Record<ResourceKey, { readonly path: string; readonly contentHash: string }> = {};
  for (const mount of desired.spec.mounts.filter(isContent)) {
    const key = sourceOfContent(mount);
    const wanted = wantedContent(mount, view);
    if (wanted?.is === 'unknown') return waiting(wanted.code, wanted.message, 'mounts');
    const observed = view.observed<'Config' | 'Secret'>(key);
    if (observed === null || (wanted !== null && observed.contentHash !== wanted.hash))
      return waiting(mount.type === 'config' ? 'ConfigMissing' : 'SecretMissing', `${key} is not written yet`, 'mounts');
    found[key] = { path: observed.path, contentHash: observed.contentHash };
  }
  return found;
}

/** Volumes of which this container is the one allowed writer. */
function writtenVolumes(desired: Resource<'Container'>, view: PlanView): readonly ResourceKey<'Volume'>[] {
  const written = new Set<ResourceKey<'Volume'>>();
  for (const mount of desired.spec.mounts) {
    if (mount.type !== 'volume' || mount.readOnly) continue;
    if (view.desired(mount.volume)?.spec.accessMode !== 'ReadWriteMany') written.add(mount.volume);
  }
  return [...written];
}

function waiting(code: ReasonCode, message: string, path: string): Reason {
  return { code, message, paths: [path] };
}

function missing(reason: Reason): CreateNeeds {
  return { is: 'missing', reason };
}
