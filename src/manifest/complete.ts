import type { ObjectKind, ObjectSpecs } from '../model/resource.ts';
import { defaultSpecs } from './defaults.ts';

/**
 * A canonical spec that an earlier version has stored, with the fields that came since: each has the value of a document that does not name it, which is what it meant
 * then. What is there stays as it is, and the hash is the one it was stored with. Pure.
 */
export function completeSpec<K extends ObjectKind>(kind: K, spec: ObjectSpecs[K]): ObjectSpecs[K] {
  return { ...defaultSpecs[kind], ...spec };
}
