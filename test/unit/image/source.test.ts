import { expect, test } from 'vitest';
import { parseSource } from '../../../src/controllers/image/source.ts';

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
  ['docker-archive:/srv/app.tar:team/app:v1', { type: 'docker-archive', path: '/srv/app.tar', name: 'team/app:v1' }],
])('%s is understood', (ref, expected) => {
  expect(parseSource(ref)).toEqual(expected);
});

test.each([
  '',
  'nginx',
  '/x',
  'reg/App:1',
  'reg/app:',
  'reg/app@sha256:abc',
  `reg/app@${digest}@${digest}`,
  'reg/app:1\r\nHost: evil',
  'reg/../../etc:1',
  'reg/a//b:1',
  'reg:5000:1/app:1',
  '[::1]:2375/x y',
  'localhost/..',
  'oci:relative',
  'oci:/x\0y',
  `reg/${'a'.repeat(300)}:1`,
])('%j is refused before it becomes a path or URL', (ref) => {
  expect(() => parseSource(ref)).toThrow(expect.objectContaining({ code: 'MANIFEST' }));
});
