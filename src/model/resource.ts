import type { ConfigSpec, ContainerSpec, ImageSpec, NetworkSpec, RegistrySpec, SecretSpec, VolumeSpec } from './spec.ts';

/** Every kind the project knows. Those without a spec here are known to manifests and refused with the milestone they come with. */
export type Kind = 'Container' | 'Image' | 'Network' | 'Volume' | 'Config' | 'Secret' | 'Job' | 'CronJob' | 'Registry' | 'EngineConfig';

/** Canonical spec of each kind that acts: short forms out, defaults in. */
export interface Specs {
  readonly Container: ContainerSpec;
  readonly Image: ImageSpec;
  readonly Network: NetworkSpec;
  readonly Volume: VolumeSpec;
  readonly Config: ConfigSpec;
  readonly Secret: SecretSpec;
}

/** Canonical spec of each kind that only says how others act: no verbs, no controller. */
export interface SettingSpecs {
  readonly Registry: RegistrySpec;
}

/** Kinds that have verbs and a controller. */
export type ActingKind = keyof Specs;
export const actingKinds = ['Container', 'Image', 'Network', 'Volume', 'Config', 'Secret'] as const satisfies readonly ActingKind[];
/** Kinds without a controller, which reach controllers as values. */
export type SettingKind = keyof SettingSpecs;
export const settingKinds = ['Registry'] as const satisfies readonly SettingKind[];
/** Kinds that documents of this release can have. */
export type ObjectKind = ActingKind | SettingKind;
export const objectKinds = [...actingKinds, ...settingKinds] as const;
export type ObjectSpecs = Specs & SettingSpecs;

/**
 * `Container/shop/api`; host-wide things have the namespace `_`. An image nobody declared as an object is `Image/_/<canonical reference>`,
 * so that all its users share one resource and one pull.
 */
export type ResourceKey<K extends Kind = Kind> = `${K}/${string}/${string}`;
/** One copy: `Container/shop/api:2`, shown as `api-2`; with `@<instance>` an incarnation on its way out while its successor takes the slot. */
export type SlotKey = `${ResourceKey<'Container'>}:${number}${'' | `@${InstanceId}`}`;
/** What an action acts on. */
export type SubjectKey = ResourceKey | SlotKey;

export type InstanceId = string; // 12 lower-case hex digits
export type SpecHash = string; // "v1:<sha256 hex>" over the canonical spec without default values
/** Of a Secret that no engine has sealed yet: its clear values are in no hash. */
export const unsealedHash: SpecHash = 'unsealed';
export type ContentHash = string; // "sha256:<hex>" of bytes a Config carries; "hmac:<hex>" of a value of a Secret
export type SetId = string; // "dir:/etc/tsdock/manifests" | "cli:shop" | …
export type Labels = Readonly<Record<string, string>>;
/** Wall clock, milliseconds since 1970. */
export type Instant = number;

/** Where a document stands: what messages, `diff` and `describe` point at. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something a resource uses: an edge of the graph. */
export interface Ref {
  readonly key: ResourceKey;
  readonly condition: 'Present' | 'Started';
  /** Where the reference is written. */
  readonly origin: Origin;
}

export interface Resource<K extends ObjectKind = ObjectKind> {
  readonly key: ResourceKey<K>;
  readonly kind: K;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: ObjectSpecs[K];
  readonly specHash: SpecHash;
  readonly refs: readonly Ref[];
  /** The one set that owns it; an implicit one carries the set of its first user. */
  readonly set: SetId;
  readonly origin: Origin;
  /** Made by the graph for its users (an undeclared image, the network `default`): never pruned as an object. */
  readonly implicit: boolean;
  /** Position of each field by its path (`resources.limits.memory`, `env.LOG_LEVEL`, `ports[0]`), as far as the document has it. */
  readonly fields: Readonly<Record<string, Origin>>;
}

/** Discriminated by `kind`. */
export type AnyResource = { [K in ObjectKind]: Resource<K> }[ObjectKind];
/** What is planned and acted on. */
export type ActingResource = { [K in ActingKind]: Resource<K> }[ActingKind];

export function isActing(resource: AnyResource): resource is ActingResource {
  return !isSettingKind(resource.kind);
}

export function isSettingKind(kind: Kind): kind is SettingKind {
  return (settingKinds as readonly Kind[]).includes(kind);
}

/** Where an object of a kind lives: `_` for what holds on the whole host, whatever namespace its document stands in. */
export function namespaceOf(kind: Kind, namespace: string): string {
  return kind === 'Registry' ? '_' : namespace;
}

export function resourceKey<K extends Kind>(kind: K, namespace: string, name: string): ResourceKey<K> {
  return `${kind}/${namespace}/${name}`;
}

export function slotKey(key: ResourceKey<'Container'>, slot: number): SlotKey {
  return `${key}:${slot}`;
}

export interface ParsedKey {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** Splits a resource key. The name of an implicit image keeps its slashes. */
export function parseKey(key: ResourceKey): ParsedKey {
  const [kind = '', namespace = '', ...rest] = key.split('/');
  return { kind: kind as Kind, namespace, name: rest.join('/') };
}

const slotPattern = /^(?<key>Container\/[^/]+\/[^/:]+):(?<slot>\d+)(?:@(?<instance>[0-9a-f]+))?$/;

/** In a watched directory an object waits for what is missing; elsewhere somebody is there to be told. */
export function isWatched(set: SetId): boolean {
  return set.startsWith('dir:');
}

/** The resource a subject belongs to: a slot's container, otherwise the subject itself. */
export function resourceOf(subject: SubjectKey): ResourceKey {
  return (slotPattern.exec(subject)?.groups?.key ?? subject) as ResourceKey;
}

/** The resource that an action, `subject#verb`, is about. */
export function resourceOfAction(id: `${SubjectKey}#${string}`): ResourceKey {
  return resourceOf(id.slice(0, id.lastIndexOf('#')) as SubjectKey);
}

/** Number of the slot and, for an incarnation on its way out, its instance; null for a subject that is no slot. */
export function parseSlot(subject: SubjectKey): { readonly slot: number; readonly instance: InstanceId | null } | null {
  const groups = slotPattern.exec(subject)?.groups;
  if (groups === undefined) return null;
  return { slot: Number(groups.slot), instance: groups.instance ?? null };
}

/** What a thing of ours carries about itself, so that the world can tell whose it is and what it was made from. */
export interface Identity {
  readonly uid: string;
  readonly set: SetId;
  readonly specHash: SpecHash;
  readonly schemaVersion: number;
}

/** Version of canonical form and hash; a record made under an older one is compared by its stored spec. */
export const schemaVersion = 1;
