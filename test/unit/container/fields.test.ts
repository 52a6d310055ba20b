import { expect, test } from 'vitest';
import { exposureOf, fieldChanges } from '../../../src/controllers/container/fields.ts';
import { effectOf } from '../../../src/model/effects.ts';
import { fields as schemaFields } from '../../../src/model/generated/fields.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { container, containerSpec, frontKey, usualFiles } from '../../support/samples.ts';

/** One document that differs from the defaults in every field there is. */
const everything = container({
  command: ['/x'],
  args: ['y'],
  workingDir: '/w',
  hostname: 'h',
  domainname: 'd',
  env: { A: '1' },
  envFrom: [{ source: resourceKey('Config', 'shop', 'site'), prefix: 'P_', optional: false }],
  user: '1',
  groups: ['2'],
  tty: true,
  stdin: true,
  init: false,
  ports: [{ name: null, containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1', protocol: 'tcp' }],
  networks: [{ network: frontKey, ipv4: '10.88.0.9', aliases: ['w'] }],
  mounts: [
    { type: 'volume', volume: resourceKey('Volume', 'shop', 'data'), target: '/data', subPath: 'a', readOnly: true },
    {
      type: 'config',
      config: resourceKey('Config', 'shop', 'site'),
      target: '/etc/site',
      subPath: null,
      readOnly: true,
      files: usualFiles,
    },
    { type: 'hostPath', source: '/srv', target: '/srv', readOnly: false, create: false },
    { type: 'tmpfs', target: '/tmp', sizeBytes: 65536, mode: 0o1777, readOnly: false },
  ],
  limits: { cpuMillis: 500, memoryBytes: 402653184, pids: 9 },
  security: 'privileged',
  securityContext: {
    runAsUser: 1,
    runAsGroup: 1,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_RAW'], drop: ['KILL'] },
    seccomp: 'unconfined',
    sysctls: { 'net.core.somaxconn': '1' },
  },
  shmBytes: 1024,
  restartPolicy: 'Never',
  restartBackoff: { initialMs: 1, maxMs: 2000, resetMs: 3000 },
  maxRestarts: 1,
  stopSignal: 'SIGINT',
  gracePeriodMs: 1500,
  dependsOn: [{ key: resourceKey('Container', 'shop', 'db'), condition: 'Started', timeoutMs: 1 }],
  replicas: 2,
  logging: { driver: 'file', maxBytes: 1000, maxFiles: 1, keepOld: 1 },
  state: 'Stopped',
});

/** Promised in place by the schema; an instance of this version is replaced, and says so. */
const replacedForNow = new Set(['networks', 'networks.front.ipv4']);

test('every field has the effect its schema names', () => {
  const known = new Map(schemaFields.filter((field) => field.kind === 'Container').map((field) => [field.path, field.change]));
  const schemaPath = (path: string) =>
    [path, path.replace(/^networks\.[^.]+\./, 'networks.*.'), path.replace(/^(env|securityContext\.sysctls)\..*$/, '$1')].find(
      (candidate) => known.has(candidate),
    );
  const changes = fieldChanges(null, everything);
  expect(changes.length).toBeGreaterThan(40);
  for (const change of changes) {
    const letter = known.get(schemaPath(change.path) ?? '');
    expect(letter, change.path).toBeDefined();
    if (!replacedForNow.has(change.path)) expect(`${change.path}: ${change.effect}`).toBe(`${change.path}: ${effectOf(letter ?? '')}`);
  }
});

test('values are told as users write them', () => {
  const told = Object.fromEntries(fieldChanges(null, everything).map((change) => [change.path, change.to]));
  expect(told).toMatchObject({
    image: 'registry.test/web:1',
    ports: ['127.0.0.1:8080:80/tcp'],
    networks: ['front'],
    mounts: ['data/a:/data:ro', 'config site:/etc/site', '/srv:/srv', 'tmpfs 64Ki 1777:/tmp'],
    'resources.limits.cpu': '500m',
    'resources.limits.memory': '384Mi',
    'restartBackoff.initial': '1ms',
    'restartBackoff.max': '2s',
    terminationGracePeriodSeconds: 1.5,
    'securityContext.seccompProfile.type': 'Unconfined',
    dependsOn: ['db'],
  });
});

test('a field that goes back to its default is a change from its value to nothing', () => {
  expect(fieldChanges(containerSpec({ user: '5', env: { A: '1', B: '2' } }), container({ env: { B: '3' } }))).toEqual([
    { path: 'env.B', from: '2', to: '3', effect: 'replace', source: null, drift: false },
    { path: 'env.A', from: '1', to: null, effect: 'replace', source: null, drift: false },
    { path: 'user', from: '5', to: null, effect: 'replace', source: null, drift: false },
  ]);
});

test('a change points at the field, else at what is around it', () => {
  const origin = { file: 'web.yaml', line: 4, column: 3 };
  const desired = container({ limits: { cpuMillis: null, memoryBytes: 1024, pids: null } }, { fields: { 'resources.limits': origin } });
  expect(fieldChanges(containerSpec(), desired)[0]).toMatchObject({ path: 'resources.limits.memory', source: origin });
});

test('exposure is the host side of published ports only', () => {
  expect(exposureOf(everything.spec)).toEqual(['127.0.0.1:8080/tcp']);
  expect(exposureOf(containerSpec({ ports: [{ name: 'x', containerPort: 80, hostPort: null, hostIP: null, protocol: 'udp' }] }))).toEqual(
    [],
  );
});
