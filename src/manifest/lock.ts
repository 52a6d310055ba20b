/**
 * `tsdock.lock` beside manifests: which image each tag stood for when it was locked. Who applies the manifests gets exactly those images, on any host, whatever happened to the tags
 * meanwhile. Text in, text out; reads and writes nothing.
 */
import { parseDocument } from 'yaml';
import { type Digest, formatReference, isDigest, parseReference } from '../model/reference.ts';
import { compareText, quote } from './diagnostic.ts';

export const lockFileName = 'tsdock.lock';

export interface LockedImage {
  /** What the tag pointed at: an index, so that every platform finds its image, or a manifest. */
  readonly digest: Digest;
  /** By platform that was looked up: the config digest, which tells whether the image itself changed. */
  readonly platforms: ReadonlyMap<string, Digest>;
}

/** By canonical reference with a tag. */
export type Lock = ReadonlyMap<string, LockedImage>;

export interface ParsedLock {
  readonly lock: Lock;
  /** What is wrong with the text; null: nothing. Then `lock` is empty: half a lock would be a lie. */
  readonly problem: string | null;
}

const version = 1;
export const maxLockBytes = 4 << 20;

export function parseLock(text: string): ParsedLock {
  if (text.length > maxLockBytes) return bad('it is longer than 4 MiB');
  if (/^<{7} /m.test(text)) return bad('git conflict markers are in it; resolve the merge, or make it again with tsdock image update');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) return bad(error.message.split('\n')[0] ?? 'it is no YAML');
  const root = asMap(document.toJS({ maxAliasCount: 0 }));
  if (root.version === undefined) return bad('it has no version');
  if (root.version !== version) return bad(`version ${quote(root.version)} is not known, only ${version} is`);
  const lock = new Map<string, LockedImage>();
  for (const [ref, value] of Object.entries(asMap(root.images))) {
    const { digest, platforms } = asMap(value);
    const parsed = parseReference(ref);
    if (!parsed.ok || parsed.reference.digest !== null || formatReference(parsed.reference) !== ref)
      return bad(`${quote(ref)} is not a complete reference with a tag`);
    if (typeof digest !== 'string' || !isDigest(digest)) return bad(`${quote(ref)} has no digest`);
    const configs = Object.entries(asMap(platforms));
    const wrong = configs.find(([, config]) => typeof config !== 'string' || !isDigest(config));
    if (wrong !== undefined) return bad(`${quote(ref)} has no digest for ${quote(wrong[0])}`);
    lock.set(ref, { digest, platforms: new Map(configs as [string, Digest][]) });
  }
  return { lock, problem: null };
}

/** The same lock gives the same text, so that only what moved shows up in a review. */
export function formatLock(lock: Lock): string {
  const lines = [
    '# Which image each tag stands for: made by "tsdock apply --lock", moved by "tsdock image update". Keep it with the manifests.',
    `version: ${version}`,
  ];
  if (lock.size === 0) return `${[...lines, 'images: {}'].join('\n')}\n`;
  lines.push('images:');
  for (const [ref, { digest, platforms }] of sorted(lock)) {
    lines.push(`  ${JSON.stringify(ref)}:`, `    digest: ${digest}`);
    if (platforms.size > 0) lines.push('    platforms:');
    for (const [platform, config] of sorted(platforms)) lines.push(`      ${JSON.stringify(platform)}: ${config}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The lock with an image as it was found now. What another platform of the same tag had goes with the digest it belonged to. Pure. */
export function withLocked(
  lock: Lock,
  ref: string,
  found: { readonly topDigest: Digest; readonly configDigest: Digest; readonly platform: string },
): Lock {
  const before = lock.get(ref);
  const kept = before?.digest === found.topDigest ? before.platforms : new Map<string, Digest>();
  return new Map([...lock, [ref, { digest: found.topDigest, platforms: new Map([...kept, [found.platform, found.configDigest]]) }]]);
}

/**
 * Whether a lock has to move for what a tag stands for now: the image of this platform is another one. An index that was pushed again with only other platforms changed is no
 * change; where this platform was never looked up, the digest decides.
 */
export function hasMoved(
  locked: LockedImage,
  found: { readonly topDigest: Digest; readonly configDigest: Digest; readonly platform: string },
): boolean {
  const config = locked.platforms.get(found.platform);
  return config === undefined ? locked.digest !== found.topDigest : config !== found.configDigest;
}

function sorted<V>(map: ReadonlyMap<string, V>): readonly (readonly [string, V])[] {
  return [...map].sort(([left], [right]) => compareText(left, right));
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null), typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
}

function bad(problem: string): ParsedLock {
  return { lock: new Map(), problem };
}
