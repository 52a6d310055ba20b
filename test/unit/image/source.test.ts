import { expect, test } from 'vitest';
import { canonicalRef, parseSource } from '../../../src/controllers/image/source.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['docker.io/library/nginx:1.29', { type: 'registry', host: 'docker.io', repository: 'library/nginx', tag: '1.29', digest: null }],
  ['127.0.0.1:5000/a/b_c/d-e:x', { type: 'registry', host: '127.0.0.1:5000', repository: 'a/b_c/d-e', tag: 'x', digest: null }],
  [`[::1]:5000/app:1@${digest}`, { type: 'registry', host: '[::1]:5000', repository: 'app', tag: '1', digest }],
  [`reg.example.com/app@${digest}`, { type: 'registry', host: 'reg.example.com', repository: 'app', tag: null, digest }],
  ['oci:/srv/layout', { type: 'oci', path: '/srv/layout', name: null }],
  ['oci:/srv/layout:1.2', { type: 'oci', path: '/srv/layout', name: '1.2' }],
  ['oci:/srv/a:b/layout', { type: 'oci', path: '/srv/a:b/layout', name: null }],
  ['oci-archive:/srv/app.tar:v1', { type: 'oci-archive', path: '/srv/app.tar', name: 'v1' }],
  ['docker-archive:/srv/app.tar', { type: 'docker-archive', path: '/srv/app.tar', name: null }],
  ['docker-archive:/srv/app.tar:v1', { type: 'docker-archive', path: '/srv/app.tar', name: 'v1' }],
  ['docker-archive:/srv/app.tar:team/app:v1', { type: 'docker-archive', path: '/srv/app.tar', name: 'team/app:v1' }],
])('%s is understood', (ref, expected) => {
  expect(parseSource(ref)).toEqual(expected);
});

test.each([
  ['', 'IMG002'],
  ['/x', 'IMG002'],
  ['reg.test/App:1', 'IMG001'],
  ['reg.test/app:', 'IMG002'],
  ['reg.test/app@sha256:abc', 'IMG002'],
  [`reg.test/app@${digest}@${digest}`, 'IMG002'],
  ['reg.test/app:1\r\nHost: evil', 'IMG002'],
  ['reg.test/../../etc:1', 'IMG002'],
  ['reg.test/a//b:1', 'IMG002'],
  ['[::1]:2375/x y', 'IMG002'],
  ['localhost/..', 'IMG002'],
  ['http://reg.test/x', 'IMG003'],
  ['oci:relative', 'IMG002'],
  ['oci:/x\0y', 'IMG002'],
  [`reg.test/${'a'.repeat(300)}:1`, 'IMG002'],
])('%j is refused with %s before it becomes a path or URL', (ref, code) => {
  expect(() => parseSource(ref)).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['Registry.Test/app', 'registry.test/app:latest'],
  ['oci:/srv/layout:1', 'oci:/srv/layout:1'],
])('%s is known as %s', (text, canonical) => {
  expect(canonicalRef(text)).toBe(canonical);
});
