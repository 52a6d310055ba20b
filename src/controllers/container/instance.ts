import { createHash } from 'node:crypto';
import type { ImageHealthcheck } from '../../model/image-config.ts';
import type { Claim } from '../../model/plan.ts';
import type { Digest } from '../../model/reference.ts';
import type { ContentHash, Identity, InstanceId, Instant, ResourceKey } from '../../model/resource.ts';
import type { Port } from '../../model/spec.ts';

/** What an instance carries about itself: the opaque text its supervisor keeps. Records are rebuilt from it. */
export interface InstanceIdentity extends Identity {
  readonly key: ResourceKey<'Container'>;
  readonly slot: number;
  readonly replaceHash: string;
  readonly updateHash: string;
  readonly image: {
    readonly ref: string;
    readonly configDigest: Digest;
    readonly stopSignal: string | null;
    /** Absent from instances of earlier versions, which ran none. */
    readonly healthcheck?: ImageHealthcheck | null;
  };
  readonly stopSignal: string;
  readonly graceMs: number;
  readonly address: string | null;
  readonly ports: readonly Port[];
  readonly uses: readonly ResourceKey[];
  readonly claims: readonly Claim[];
  readonly content: Readonly<Record<ResourceKey, ContentHash>>;
  /** Of variables from Configs and Secrets; absent in instances of earlier versions, which had none. */
  readonly environment?: Readonly<Record<string, ContentHash>>;
}

export function encodeIdentity(identity: InstanceIdentity): string {
  return JSON.stringify(identity);
}

/** The identity in a supervisor's text; null when it is none, e.g. of an instance whose plan was cut off. */
export function parseIdentity(text: string): InstanceIdentity | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isIdentity(value) ? value : null;
}

function isIdentity(value: unknown): value is InstanceIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Partial<Record<keyof InstanceIdentity, unknown>>;
  const texts = [fields.key, fields.uid, fields.set, fields.specHash, fields.replaceHash, fields.updateHash, fields.stopSignal];
  const lists = [fields.ports, fields.uses, fields.claims];
  const maps = [fields.image, fields.content];
  return (
    texts.every((text) => typeof text === 'string') &&
    Number.isInteger(fields.slot) &&
    typeof fields.graceMs === 'number' &&
    lists.every(Array.isArray) &&
    maps.every((map) => typeof map === 'object' && map !== null)
  );
}

/** What people call one copy: `web-1`. */
export function instanceName(containerName: string, slot: number): string {
  return `${containerName}-${slot}`;
}

/** Id of the incarnation that is planned for a slot at a moment: 12 hex digits, equal for equal inputs. Pure. */
export function instanceIdOf(key: ResourceKey<'Container'>, slot: number, replaceHash: string, now: Instant): InstanceId {
  return createHash('sha256')
    .update(JSON.stringify([key, slot, replaceHash, now]))
    .digest('hex')
    .slice(0, 12);
}
