import { createHash } from 'node:crypto';
import type { ResourceKey } from '../../model/resource.ts';

/** Longest name of a link: IFNAMSIZ less the NUL. */
const maxLinkBytes = 15;
const minHashDigits = 4;

/** Name of a network's bridge: prefix, dash and as much of a hash of the key as fits. Equal for equal input; `attempt` gives another one on a collision. Pure. */
export function linkName(prefix: string, key: ResourceKey, attempt: number): string {
  const digits = maxLinkBytes - prefix.length - 1;
  if (digits < minHashDigits)
    throw new RangeError(
      `prefix ${JSON.stringify(prefix)} leaves no room for the name of a link: at most ${maxLinkBytes - 1 - minHashDigits} bytes`,
    );
  const hash = createHash('sha256')
    .update(attempt === 0 ? key : `${key}#${attempt}`)
    .digest('hex');
  return `${prefix}-${hash.slice(0, digits)}`;
}

/** What a bridge of ours says about itself in `ifalias`. */
export function linkAlias(prefix: string, key: ResourceKey<'Network'>): string {
  return `${prefix}:${key}`;
}

/** The network a link's alias names; null when the link is not ours. */
export function networkOfAlias(prefix: string, alias: string): ResourceKey<'Network'> | null {
  const key = alias.startsWith(`${prefix}:`) ? alias.slice(prefix.length + 1) : '';
  return /^Network\/[^/]+\/[^/]+$/.test(key) ? (key as ResourceKey<'Network'>) : null;
}
