import type { ObjectKind, ObjectSpecs } from '../model/resource.ts';
import { defaultEntries, defaultSpecs } from './defaults.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A canonical spec that an earlier version has stored, with the fields that came since: each has the value of a document that does not name it, which is what it meant
 * then. What is there stays as it is, and the hash is the one it was stored with. Pure.
 */
export function completeSpec<K extends ObjectKind>(kind: K, spec: ObjectSpecs[K]): ObjectSpecs[K] {
  const whole: Record<string, unknown> = { ...withFields(spec, defaultSpecs[kind]) };
  for (const [list, entry] of kind === 'Container' ? Object.entries(defaultEntries) : []) {
    const items = whole[list];
    if (Array.isArray(items)) whole[list] = items.map((item: Fields) => withFields(item, entry));
  }
  return whole as unknown as ObjectSpecs[K];
}

function withFields(fields: object, defaults: object): Fields {
  const whole: Record<string, unknown> = { ...fields };
  for (const [name, standard] of Object.entries(defaults)) {
    const value = whole[name];
    if (value === undefined) whole[name] = standard;
    else if (isRecord(value) && isRecord(standard)) whole[name] = withFields(value, standard);
  }
  return whole;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
