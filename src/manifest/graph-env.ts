import { isVariableName } from '../model/environment.ts';
import { type AnyResource, isWatched, type Origin, parseKey, type Resource, type ResourceKey } from '../model/resource.ts';
import { secretKeys } from '../model/secret.ts';
import type { EnvSource } from '../model/spec.ts';
import { type Diagnostic, diagnosticAt, didYouMean, quote } from './diagnostic.ts';

type Resources = ReadonlyMap<ResourceKey, AnyResource>;

/** Keys that variables name and no Config or Secret has, and keys of `envFrom` that are no names of variables. A missing object is REF001. */
export function checkVariables(resources: Resources): readonly Diagnostic[] {
  return [...resources.values()].flatMap((resource) =>
    resource.kind === 'Container' ? [...checkRefs(resource, resources), ...checkSources(resource, resources)] : [],
  );
}

function checkRefs(container: Resource<'Container'>, resources: Resources): readonly Diagnostic[] {
  return Object.entries(container.spec.env).flatMap(([name, value]) => {
    if (typeof value === 'string' || 'field' in value || value.optional) return [];
    const keys = keysOf(value.source, resources);
    if (keys === null || keys.includes(value.key)) return [];
    const near = didYouMean(value.key, keys);
    return [
      diagnosticAt(originOf(container, name), {
        severity: isWatched(container.set) ? 'warning' : 'error',
        code: 'REF004',
        message: `${nameOf(value.source)} has no ${parseKey(value.source).kind === 'Config' ? 'text' : 'value'} under ${quote(value.key)}`,
        hint: near === null ? `its keys are ${keys.slice(0, 10).join(', ') || 'none'}` : `did you mean "${near}"?`,
        key: container.key,
        others: [value.source],
      }),
    ];
  });
}

function checkSources(container: Resource<'Container'>, resources: Resources): readonly Diagnostic[] {
  return container.spec.envFrom.flatMap(({ source, prefix }, index) => {
    const origin = container.fields[`envFrom[${index}]`] ?? container.fields.envFrom ?? container.origin;
    return (keysOf(source, resources) ?? [])
      .filter((key) => !isVariableName(`${prefix}${key}`))
      .map((key) =>
        diagnosticAt(origin, {
          severity: 'warning',
          code: 'SCH008',
          message: `key ${quote(key)} of ${nameOf(source)} is not a name of a variable and is left out`,
          hint: 'rename the key, or take it under another name by env',
          key: container.key,
          others: [source],
        }),
      );
  });
}

/** Null while it cannot be said. */
function keysOf(source: EnvSource['source'], resources: Resources): readonly string[] | null {
  const found = resources.get(source);
  if (found?.kind === 'Config') return Object.keys(found.spec.data);
  if (found?.kind !== 'Secret') return null;
  return secretKeys(found, (key) => {
    const other = resources.get(key);
    return other?.kind === 'Secret' ? other : null;
  });
}

function originOf(container: Resource<'Container'>, name: string): Origin {
  return container.fields[`env.${name}.key`] ?? container.fields[`env.${name}`] ?? container.fields.env ?? container.origin;
}

function nameOf(key: ResourceKey): string {
  const { kind, name } = parseKey(key);
  return `${kind} ${quote(name)}`;
}
