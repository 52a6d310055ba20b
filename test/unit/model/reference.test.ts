import { describe, expect, test } from 'vitest';
import { formatLocalSource, formatReference, isDigest, parseLocalSource, parseReference } from '../../../src/model/reference.ts';

const sha = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('references are completed as Docker completes them', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['127.0.0.1:5080/tsdock/hello:1', '127.0.0.1:5080/tsdock/hello:1'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['Registry.Example.com/a/b_c/d--e:V1', 'registry.example.com/a/b_c/d--e:V1'],
    [`nginx@${sha}`, `docker.io/library/nginx@${sha}`],
    [`ghcr.io/a/b:1@${sha}`, `ghcr.io/a/b:1@${sha}`],
  ])('%s', (text, canonical) => {
    const parsed = parseReference(text);
    expect(parsed.ok && formatReference(parsed.reference)).toBe(canonical);
  });
});

describe('what is no reference says why', () => {
  test.each([
    ['Nginx:latest', 'IMG001 repository names are lower case; nginx:latest'],
    ['ghcr.io/Team/app', 'IMG001 repository names are lower case; ghcr.io/team/app'],
    ['nginx@sha256:abc', 'IMG002 digest "sha256:abc" has 3 hex digits, sha256 needs 64; null'],
    ['nginx@md5:abc', 'IMG002 digest "md5:abc" is neither sha256:<64 hex digits> nor sha512:<128 hex digits>; null'],
    [
      `nginx@${sha.toUpperCase()}`,
      `IMG002 digest "SHA256:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234…" is neither sha256:<64 hex digits> nor sha512:<128 hex digits>; null`,
    ],
    ['nginx:', 'IMG002 the tag after ":" is empty; nginx:latest'],
    ['nginx:a,b', 'IMG002 tag "a,b" may only have letters, digits, "_", "." and "-", and at most 128 of them; null'],
    ['http://reg/x', 'IMG003 image names have no "http://"; reg/x, and a Registry with "insecure: true" if it has no TLS'],
    ['https://reg.test/x', 'IMG003 image names have no "https://"; reg.test/x'],
    ['', 'IMG002 "" has no repository name; e.g. docker.io/library/nginx:1.29'],
    ['a//b', 'IMG002 repository "a//b" may only have a-z, 0-9 and single ".", "_", "-" or "/" between them; null'],
    ['../../etc/passwd', 'IMG002 ".." is not the name of a registry; host, host:port or [IPv6]:port'],
    ['reg.test:99999999/x', 'IMG002 "reg.test:99999999" is not the name of a registry; host, host:port or [IPv6]:port'],
  ])('%s', (text, problem) => {
    const parsed = parseReference(text);
    expect(parsed.ok ? null : `${parsed.problem.code} ${parsed.problem.message}; ${parsed.problem.hint}`).toBe(problem);
  });
});

describe('local sources', () => {
  test.each([
    ['oci:/srv/layout', { type: 'oci', path: '/srv/layout', tag: null }],
    ['oci:./layout:v1', { type: 'oci', path: './layout', tag: 'v1' }],
    ['oci-archive:a:b/c.tar:2', { type: 'oci-archive', path: 'a:b/c.tar', tag: '2' }],
    ['docker-archive:x.tar', { type: 'docker-archive', path: 'x.tar', tag: null }],
    ['oci:5000/image', null],
    ['nginx:1', null],
    ['oci:', null],
  ])('%s', (text, source) => {
    const parsed = parseLocalSource(text);
    expect(parsed).toEqual(source);
    if (parsed !== null) expect(formatLocalSource(parsed)).toBe(text);
  });
});

test('a digest is lower-case hex of the right length', () => {
  expect([sha, `sha512:${'a'.repeat(128)}`, sha.slice(0, -1), `${sha}0`, 'sha256:../../x', sha.toUpperCase()].map(isDigest)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
