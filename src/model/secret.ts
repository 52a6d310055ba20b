import { secretHashOf } from './content-hash.ts';
import type { OwnedValue } from './plan.ts';
import { type ContentHash, type Resource, type ResourceKey, type SpecHash, unsealedHash } from './resource.ts';

/** What stands in the place of a value wherever people and programs look. */
export const redacted = { redacted: true } as const;
export const redactedChange = { redacted: true, changed: true } as const;
/** Of a value that is only known when it is applied. */
export const redactedUnknown = { redacted: true, unknown: true } as const;

export function isRedacted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'redacted' in value;
}

export function isUnknown(value: unknown): boolean {
  return isRedacted(value) && 'unknown' in (value as object);
}

/** What a Secret holds by now, its own values over those of the Secret it takes from; or why that cannot be said. */
export type SecretContent =
  | { readonly is: 'known'; readonly values: Readonly<Record<string, OwnedValue>>; readonly hash: ContentHash }
  | { readonly is: 'unknown'; readonly code: 'SecretMissing' | 'SecretUndecryptable'; readonly message: string };

/** `find`: the Secrets that are desired. Pure; looks at hashes and never at values. */
export function secretContent(
  secret: Resource<'Secret'>,
  find: (key: ResourceKey<'Secret'>) => Resource<'Secret'> | null,
  visited: readonly ResourceKey[] = [],
): SecretContent {
  const { from } = secret.spec;
  const values: Record<string, OwnedValue> = {};
  if (from !== null) {
    const source = find(from.secret);
    if (source === null || visited.includes(from.secret)) return unknown('SecretMissing', `${from.secret} does not exist`);
    const content = secretContent(source, find, [...visited, secret.key]);
    if (content.is === 'unknown') return content;
    for (const key of from.keys ?? Object.keys(content.values)) {
      const value = ownValue(content.values, key);
      if (value === null) return unknown('SecretMissing', `${from.secret} has no key ${JSON.stringify(key)}`);
      values[key] = value;
    }
  }
  for (const [key, value] of Object.entries(secret.spec.values)) {
    if (value.form === 'plain') throw new RangeError(`${secret.key} was not sealed`);
    if (value.form === 'unread')
      return unknown('SecretMissing', `${JSON.stringify(key)} of ${secret.key} comes from a program, which only an apply runs`);
    if (value.form === 'age') {
      return unknown('SecretUndecryptable', `${JSON.stringify(key)} of ${secret.key} is encrypted for none of this host's identities`);
    }
    values[key] = { owner: secret.key, key, sealed: value };
  }
  return { is: 'known', values, hash: secretHashOf(hashesOf(values)) };
}

/** Keys a Secret has or will have, whether or not their values are known; null while the Secret it takes from is not there. Pure. */
export function secretKeys(
  secret: Resource<'Secret'>,
  find: (key: ResourceKey<'Secret'>) => Resource<'Secret'> | null,
  visited: readonly ResourceKey[] = [],
): readonly string[] | null {
  const { values, generate, from } = secret.spec;
  const own = [...Object.keys(values), ...Object.keys(generate)];
  if (from === null) return [...new Set(own)];
  if (from.keys !== null) return [...new Set([...own, ...from.keys])];
  const source = find(from.secret);
  const taken = source === null || visited.includes(from.secret) ? null : secretKeys(source, find, [...visited, secret.key]);
  return taken === null ? null : [...new Set([...own, ...taken])];
}

/** Value of a key, and of nothing a record inherits. */
export function ownValue<T>(values: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(values, key) ? (values[key] ?? null) : null;
}

/** Whether clear values may still be in it. */
export function isUnsealed(document: { readonly kind: string; readonly specHash: SpecHash }): boolean {
  return document.kind === 'Secret' && document.specHash === unsealedHash;
}

function hashesOf(values: Readonly<Record<string, OwnedValue>>): Readonly<Record<string, ContentHash>> {
  return Object.fromEntries(Object.entries(values).map(([key, { sealed }]) => [key, sealed.hash]));
}

function unknown(code: 'SecretMissing' | 'SecretUndecryptable', message: string): SecretContent {
  return { is: 'unknown', code, message };
}
