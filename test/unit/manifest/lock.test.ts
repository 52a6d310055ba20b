import { describe, expect, test } from 'vitest';
import { loadManifests } from '../../../src/manifest/load.ts';
import { formatLock, hasMoved, type Lock, type ParsedLock, parseLock, withLocked } from '../../../src/manifest/lock.ts';
import type { Digest } from '../../../src/model/reference.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const ref = 'docker.io/library/nginx:1.29';
const found = { topDigest: digest('a'), configDigest: digest('b'), platform: 'linux/amd64' };
const lock: Lock = withLocked(new Map(), ref, found);

test('a lock is text that reads back the same, in the order of references', () => {
  const both = withLocked(withLocked(lock, 'ghcr.io/a/b:2', found), 'a.test/x:1', { ...found, platform: 'linux/arm64/v8' });
  const text = formatLock(both);
  expect(text).toMatchInlineSnapshot(`
    "# Which image each tag stands for: made by "tsdock apply --lock", moved by "tsdock image update". Keep it with the manifests.
    version: 1
    images:
      "a.test/x:1":
        digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        platforms:
          "linux/arm64/v8": sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      "docker.io/library/nginx:1.29":
        digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        platforms:
          "linux/amd64": sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      "ghcr.io/a/b:2":
        digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        platforms:
          "linux/amd64": sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    "
  `);
  expect(parseLock(text)).toEqual({ lock: both, problem: null });
  expect(formatLock(parseLock(text).lock)).toBe(text);
  expect(parseLock(formatLock(new Map()))).toEqual({ lock: new Map(), problem: null });
});

describe('a lock that cannot be believed is none, with the reason', () => {
  test.each([
    ['', 'it has no version'],
    ['version: 2\n', 'version 2 is not known, only 1 is'],
    ['<<<<<<< HEAD\nversion: 1\n', 'git conflict markers are in it; resolve the merge, or make it again with tsdock image update'],
    ['version: [', 'Flow sequence in block collection must be sufficiently indented'],
    ['version: 1\nimages: {nginx: {digest: x}}', '"nginx" is not a complete reference with a tag'],
    [`version: 1\nimages: {"${ref}": {}}`, `"${ref}" has no digest`],
    [`version: 1\nimages: {"${ref}": {digest: "sha256:../../x"}}`, `"${ref}" has no digest`],
    [`version: 1\nimages: {"${ref}@${digest('a')}": {digest: "${digest('a')}"}}`, 'is not a complete reference with a tag'],
    [`version: 1\nimages: {"${ref}": {digest: "${digest('a')}", platforms: {linux/amd64: 5}}}`, `"${ref}" has no digest for "linux/amd64"`],
  ])('%j', (text, problem) => {
    const parsed = parseLock(text);
    expect(parsed.lock.size).toBe(0);
    expect(parsed.problem).toContain(problem);
  });

  test('names like members of an object are references like any other', () => {
    expect(parseLock('version: 1\nimages: {__proto__: {digest: x}, constructor: {}}').problem).toContain('is not a complete reference');
  });
});

describe('a lock moves', () => {
  const locked = lock.get(ref);
  if (locked === undefined) throw new Error('not locked');
  test.each([
    ['not when nothing changed', found, false],
    ['not when only the index did: another platform was pushed', { ...found, topDigest: digest('c') }, false],
    ['when the image of this platform did', { ...found, topDigest: digest('c'), configDigest: digest('d') }, true],
    [
      'not for a platform that was never looked up while the index is the same',
      { ...found, platform: 'linux/arm64/v8', configDigest: digest('e') },
      false,
    ],
    [
      'for a platform that was never looked up when the index is another',
      { ...found, platform: 'linux/arm64/v8', topDigest: digest('c') },
      true,
    ],
  ])('%s', (_, now, moved) => {
    expect(hasMoved(locked, now)).toBe(moved);
  });

  test('and forgets what other platforms had under the old digest', () => {
    const both = withLocked(lock, ref, { ...found, platform: 'linux/arm64/v8', configDigest: digest('e') });
    expect([...(both.get(ref)?.platforms.keys() ?? [])]).toEqual(['linux/amd64', 'linux/arm64/v8']);
    const moved = withLocked(both, ref, { ...found, topDigest: digest('c') });
    expect([...(moved.get(ref)?.platforms.keys() ?? [])]).toEqual(['linux/amd64']);
  });
});

describe('manifests beside a lock', () => {
  const load = (text: string, locks: ReadonlyMap<string, ParsedLock>) =>
    loadManifests([{ file: 'shop/web.yaml', text }], { set: () => 'cli:default', namespace: 'default', baseDirectory: '/srv', locks });
  const image = (name: string): string => `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: "${name}"}\n`;
  const here = new Map([['/srv/shop', { lock, problem: null }]]);

  test.each([
    ['nginx:1.29', `Image/_/${ref}@${digest('a')}`],
    ['nginx:1.30', 'Image/_/docker.io/library/nginx:1.30'],
    [`nginx:1.29@${digest('f')}`, `Image/_/${ref}@${digest('f')}`],
  ])('%s means %s', (name, key) => {
    expect(load(image(name), here).documents[0]?.spec).toMatchObject({ image: key });
  });

  test('a lock of another directory means nothing', () => {
    expect(load(image('nginx:1.29'), new Map([['/srv', { lock, problem: null }]])).documents[0]?.spec).toMatchObject({
      image: `Image/_/${ref}`,
    });
  });

  test('a broken lock takes the manifests beside it along: they would mean other images', () => {
    const { documents, diagnostics } = load(image('nginx:1.29'), new Map([['/srv/shop', parseLock('version: 7')]]));
    expect(documents).toEqual([]);
    expect(diagnostics.map(({ file, severity, code, message }) => `${file}: ${severity}[${code}]: ${message}`)).toEqual([
      '/srv/shop/tsdock.lock: error[LCK001]: lock file cannot be read: version 7 is not known, only 1 is',
    ]);
  });
});
