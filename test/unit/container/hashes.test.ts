import { describe, expect, test } from 'vitest';
import { canonicalJson, replaceHashOf, updateHashOf } from '../../../src/controllers/container/hashes.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import type { ContainerSpec } from '../../../src/model/spec.ts';
import { containerSpec, frontKey } from '../../support/samples.ts';

const base = containerSpec();
const context = base.securityContext;

describe('what replaces', () => {
  test.each<[string, Partial<ContainerSpec>]>([
    ['command', { command: ['/x'] }],
    ['an empty command', { command: [''] }],
    ['no args at all', { args: [] }],
    ['env', { env: { A: '' } }],
    ['user', { user: '0' }],
    ['init', { init: false }],
    ['tty', { tty: true }],
    ['networkMode', { networkMode: 'none' }],
    ['networks', { networks: [{ network: resourceKey('Network', 'shop', 'back'), ipv4: null, aliases: [] }] }],
    ['mounts', { mounts: [{ type: 'tmpfs', target: '/t', sizeBytes: null, mode: 0o1777, readOnly: false }] }],
    ['readOnlyRootFilesystem', { securityContext: { ...context, readOnlyRootFilesystem: true } }],
    ['no new privileges', { securityContext: { ...context, allowPrivilegeEscalation: false } }],
    ['seccomp', { securityContext: { ...context, seccomp: 'unconfined' } }],
    ['shm', { shmBytes: 1024 }],
  ])('%s', (_, over) => expect(replaceHashOf(containerSpec(over))).not.toBe(replaceHashOf(base)));

  test.each<[string, Partial<ContainerSpec>]>([
    ['image: its digest is compared', { image: resourceKey('Image', '_', 'x') }],
    ['ports', { ports: [{ name: null, containerPort: 1, hostPort: 1, hostIP: null, protocol: 'tcp' }] }],
    ['aliases and static address', { networks: [{ network: frontKey, ipv4: '10.0.0.9', aliases: ['x'] }] }],
    ['limits', { limits: { cpuMillis: 1, memoryBytes: 1, pids: 1 } }],
    ['restartPolicy', { restartPolicy: 'Never' }],
    ['replicas', { replicas: 9 }],
    ['state', { state: 'Stopped' }],
    ['logging', { logging: { driver: 'file', maxBytes: 1, maxFiles: 1, keepOld: 1 } }],
  ])('not %s', (_, over) => expect(replaceHashOf(containerSpec(over))).toBe(replaceHashOf(base)));
});

test.each<[string, Partial<ContainerSpec>]>([
  ['limits', { limits: { cpuMillis: null, memoryBytes: null, pids: 5 } }],
  ['restartPolicy', { restartPolicy: 'Never' }],
  ['backoff', { restartBackoff: { initialMs: 1, maxMs: 2, resetMs: 3 } }],
  ['maxRestarts', { maxRestarts: 0 }],
  ['grace', { gracePeriodMs: 0 }],
  ['stop signal', { stopSignal: 'SIGINT' }],
])('%s is told in place', (_, over) => {
  expect(updateHashOf(containerSpec(over))).not.toBe(updateHashOf(base));
  expect(replaceHashOf(containerSpec(over))).toBe(replaceHashOf(base));
});

test('canonical text knows neither key order nor empty fields, but keeps empty entries of lists', () => {
  expect(canonicalJson({ b: 1, a: [null, '', {}], c: null, d: {}, e: false, f: [] })).toBe('{"a":[null,"",{}],"b":1}');
  expect(canonicalJson({ a: '', b: 0 })).toBe('{"a":"","b":0}');
});
