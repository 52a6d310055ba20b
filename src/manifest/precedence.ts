import type { AnyResource, Origin, SetId } from '../model/resource.ts';
import { compareText } from './diagnostic.ts';

/** Who stays when two want one thing: by set, then by place. The same whatever the order of reading. */
export function byPrecedence(left: AnyResource, right: AnyResource): number {
  return compareText(left.set, right.set) || compareOrigins(left.origin, right.origin);
}

function compareOrigins(left: Origin, right: Origin): number {
  return compareText(left.file, right.file) || left.line - right.line || left.column - right.column;
}

/** In a watched directory an object waits for what is missing; elsewhere somebody is there to be told. */
export function isWatched(set: SetId): boolean {
  return set.startsWith('dir:');
}
