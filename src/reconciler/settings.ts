/** Kinds that have no effect of their own: they say how others act, and reach controllers as values. */

import type { DesiredGraph } from '../model/graph.ts';
import { type Change, type FieldChange, noEffects, type ResourceRecord } from '../model/plan.ts';
import { isSettingKind, parseKey, type Resource, type ResourceKey, type SettingKind } from '../model/resource.ts';
import { signatureRulesIn } from '../model/signature-rule.ts';
import type { RegistrySpec } from '../model/spec.ts';
import type { EngineOptions } from './options.ts';

/** Registry objects as the image controller takes them. Pure. */
function registriesOf(graph: DesiredGraph): readonly { readonly name: string; readonly spec: RegistrySpec }[] {
  return [...graph.resources.values()].flatMap((resource) =>
    resource.kind === 'Registry' ? [{ name: resource.name, spec: resource.spec }] : [],
  );
}

/** What applying a setting changes, for people; null when it says what it said before. Pure. */
export function settingChange(desired: Resource<SettingKind>, record: ResourceRecord | null): Change | null {
  const before = record?.lastApplied ?? null;
  if (before !== null && record?.specHash === desired.specHash) return null;
  const fields = before === null ? [] : changedFields(before as Readonly<Record<string, unknown>>, desired);
  return {
    ...noEffects,
    kind: desired.kind,
    namespace: desired.namespace,
    name: desired.name,
    set: desired.set,
    action: before === null ? 'create' : 'update',
    reason: before === null ? 'it is not here yet' : `${fields.map(({ path }) => path).join(', ')} changed`,
    fields,
  };
}

/** Settings that no document names any more: nothing observes them, so their records tell. Pure. */
export function goneSettings(desired: DesiredGraph, records: Iterable<ResourceRecord>): readonly Change[] {
  return [...records].flatMap((record): readonly Change[] => {
    const { kind, namespace, name } = parseKey(record.key);
    if (!isSettingKind(kind) || desired.resources.has(record.key)) return [];
    return [{ ...noEffects, kind, namespace, name, set: record.set, action: 'delete', reason: 'no document names it' }];
  });
}

function changedFields(before: Readonly<Record<string, unknown>>, desired: Resource<SettingKind>): readonly FieldChange[] {
  return Object.entries(desired.spec)
    .filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(before[path]))
    .map(([path, to]) => ({
      path,
      from: before[path] ?? null,
      to,
      effect: 'in-place',
      source: desired.fields[path] ?? desired.origin,
      drift: false,
    }));
}

/** Hands out what a graph says of registries and secrets. */
export function configure({ images, sealer }: Pick<EngineOptions, 'images' | 'sealer'>, graph: DesiredGraph): void {
  images.configure(registriesOf(graph));
  images.requireSignatures(signatureRulesIn(graph));
  sealer.configure(secretsIn(graph));
}

/** How Secrets of a graph are found. Pure. */
function secretsIn(graph: DesiredGraph): (key: ResourceKey<'Secret'>) => Resource<'Secret'> | null {
  return (key) => {
    const found = graph.resources.get(key);
    return found?.kind === 'Secret' ? found : null;
  };
}
