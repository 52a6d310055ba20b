import { createHash } from 'node:crypto';
import type { ObjectKind, ObjectSpecs, SpecHash } from '../model/resource.ts';
import { defaultEntries, defaultSpecs } from './defaults.ts';
import { compareText } from './diagnostic.ts';

/**
 * `v1:` and the SHA-256 of a canonical spec without its default values: a new field with a default changes no hash, and writing a default out changes none. The
 * order of keys counts nothing, that of lists does: normalize sorts those whose order is free.
 */
export function hashSpec<K extends ObjectKind>(kind: K, spec: ObjectSpecs[K]): SpecHash {
  const reduced = withoutDefaults(spec, defaultSpecs[kind], kind === 'Container' ? defaultEntries : {});
  return `v1:${createHash('sha256')
    .update(canonicalJson({ kind, spec: reduced }))
    .digest('hex')}`;
}

type Fields = Readonly<Record<string, unknown>>;

function withoutDefaults(value: Fields | object, defaults: Fields | object, entries: Readonly<Record<string, Fields>>): Fields {
  const known = new Map(Object.entries(defaults));
  const kept: (readonly [string, unknown])[] = [];
  for (const [name, field] of Object.entries(value)) {
    const standard = known.get(name);
    if (known.has(name) && isSame(field, standard)) continue;
    const entry = entries[name];
    if (Array.isArray(field) && entry !== undefined) kept.push([name, field.map((item: Fields) => withoutDefaults(item, entry, {}))]);
    else if (isRecord(field) && isRecord(standard) && Object.keys(standard).length > 0)
      kept.push([name, withoutDefaults(field, standard, {})]);
    else kept.push([name, field]);
  }
  return Object.fromEntries(kept);
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const compound = typeof left === 'object' && typeof right === 'object' && left !== null && right !== null;
  return compound && canonicalJson(left) === canonicalJson(right);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with the keys of every map in byte order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).sort(compareText);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}
