import { contentHashOf } from '../../model/content-hash.ts';
import { isVariableName } from '../../model/environment.ts';
import type { ContainerCreateInput, OwnedValue, ReasonCode } from '../../model/plan.ts';
import { type ContentHash, parseKey, type Resource, type ResourceKey } from '../../model/resource.ts';
import { ownValue, secretContent } from '../../model/secret.ts';
import type { EnvSource } from '../../model/spec.ts';
import type { PlanView } from '../controller.ts';

type Values = ContainerCreateInput['environment'];
type SourceKey = EnvSource['source'];

/** The variables of a container that come from elsewhere, or why one of them is not to be had. */
export type Environment =
  | { readonly is: 'known'; readonly values: Values; readonly hashes: Readonly<Record<string, ContentHash>> }
  | { readonly is: 'unknown'; readonly code: ReasonCode; readonly message: string };

/** Values stay sealed and keyed hashes stand for them. Sources in their order, then `env`, which overrides them. Pure. */
export function environmentOf({ spec }: Resource<'Container'>, view: PlanView): Environment {
  const values = new Map<string, Values[string]>();
  const hashes = new Map<string, ContentHash>();
  for (const { source, prefix, optional } of spec.envFrom) {
    const content = contentOf(source, view);
    if (content.is === 'unknown') {
      if (optional && content.code === missing(source)) continue;
      return content;
    }
    for (const [key, held] of content.values) {
      if (!isVariableName(`${prefix}${key}`)) continue; // the manifest was warned about it
      values.set(`${prefix}${key}`, held.value);
      hashes.set(`${prefix}${key}`, held.hash);
    }
  }
  for (const [name, value] of Object.entries(spec.env)) {
    values.delete(name);
    hashes.delete(name);
    if (typeof value === 'string') continue;
    if ('field' in value) {
      values.set(name, value);
      continue;
    }
    const content = contentOf(value.source, view);
    const held = content.is === 'unknown' ? null : (content.values.get(value.key) ?? null);
    if (held !== null) {
      values.set(name, held.value);
      hashes.set(name, held.hash);
    } else if (content.is === 'unknown' && !(value.optional && content.code === missing(value.source))) {
      return content;
    } else if (!value.optional) {
      return { is: 'unknown', code: missing(value.source), message: `${value.source} has no text under ${JSON.stringify(value.key)}` };
    }
  }
  return { is: 'known', values: Object.fromEntries(values), hashes: Object.fromEntries(hashes) };
}

/** Names of variables whose value is another one than an instance was made with. Pure. */
export function changedVariables(
  before: Readonly<Record<string, ContentHash>>,
  after: Readonly<Record<string, ContentHash>>,
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => ownValue(before, name) !== ownValue(after, name))
    .sort();
}

/** Whether it is a value of a Secret, still sealed. */
export function isOwnedValue(value: Values[string]): value is OwnedValue {
  return typeof value === 'object' && 'sealed' in value;
}

type Content =
  | { readonly is: 'known'; readonly values: ReadonlyMap<string, { readonly value: string | OwnedValue; readonly hash: ContentHash }> }
  | { readonly is: 'unknown'; readonly code: ReasonCode; readonly message: string };

/** A Config gives its texts: bytes that are none cannot be a variable. */
function contentOf(source: SourceKey, view: PlanView): Content {
  const found = view.desired<'Config' | 'Secret'>(source);
  if (found === null) return { is: 'unknown', code: missing(source), message: `${source} does not exist` };
  if (found.kind === 'Config') {
    const texts = Object.entries((found as Resource<'Config'>).spec.data);
    return { is: 'known', values: new Map(texts.map(([key, value]) => [key, { value, hash: contentHashOf({ [key]: value }) }])) };
  }
  const content = secretContent(found as Resource<'Secret'>, (key) => view.desired(key));
  if (content.is === 'unknown') return content;
  return { is: 'known', values: new Map(Object.entries(content.values).map(([key, value]) => [key, { value, hash: value.sealed.hash }])) };
}

function missing(source: ResourceKey): 'ConfigMissing' | 'SecretMissing' {
  return parseKey(source).kind === 'Config' ? 'ConfigMissing' : 'SecretMissing';
}
