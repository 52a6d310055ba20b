import type { AnyResource, Origin } from '../model/resource.ts';
import { compareText } from './diagnostic.ts';

/** Who stays when two want one thing: by set, then by place. The same whatever the order of reading. */
export function byPrecedence(left: AnyResource, right: AnyResource): number {
  return compareText(left.set, right.set) || compareOrigins(left.origin, right.origin);
}

function compareOrigins(left: Origin, right: Origin): number {
  return compareText(left.file, right.file) || left.line - right.line || left.column - right.column;
}
