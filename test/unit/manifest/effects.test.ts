import { expect, test } from 'vitest';
import { fieldChanges } from '../../../src/controllers/container/fields.ts';
import { effectOf } from '../../../src/model/effects.ts';
import { fields } from '../../../src/model/generated/fields.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { one } from '../../support/manifests.ts';

/** Every field of a Container differs from its default. */
const other = `apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: nginx
  command: [a]
  args: [b]
  workingDir: /w
  hostname: h
  domainname: d
  env: {A: b}
  envFrom: [{config: c}]
  user: "1"
  groups: ["2"]
  tty: true
  stdin: true
  init: false
  ports: ["80:80"]
  networks: {front: {ipv4: 10.0.0.9, aliases: [x]}}
  mounts: ["v:/v"]
  resources: {limits: {cpu: 1, memory: 1Gi, pids: 5}}
  security: privileged
  securityContext:
    runAsUser: 1
    runAsGroup: 1
    runAsNonRoot: true
    readOnlyRootFilesystem: true
    allowPrivilegeEscalation: false
    capabilities: {add: [KILL], drop: [ALL]}
    seccompProfile: {type: Unconfined}
    sysctls: {net.core.somaxconn: "1"}
  shmSize: 1Mi
  startupProbe: {exec: [a]}
  livenessProbe: {tcpSocket: {port: 80}}
  healthcheck: {test: a}
  restartPolicy: Never
  restartBackoff: {initial: 1s, max: 2s, reset: 3s}
  maxRestarts: 3
  stopSignal: INT
  terminationGracePeriodSeconds: 1
  dependsOn: [db]
  replicas: 0
  logging: {maxSize: 1Mi, maxFiles: 2, keepOld: 1}
  state: Stopped
`;

/** The row of `tsdock explain` for a path of a diff: names chosen by the author become `*`. */
function explained(path: string): string | null {
  const pattern = path
    .replace(/^(?<field>networks|dependsOn)\.[^.]+/, '$<field>.*')
    .replace(/^env\..*/, 'env')
    .replace(/\.sysctls\..*/, '.sysctls');
  const field = fields.find((candidate) => candidate.kind === 'Container' && candidate.path === pattern);
  return field === undefined ? null : effectOf(field.change);
}

test('what explain says a change does is what diff says', () => {
  const changes = fieldChanges(null, one(other) as Resource<'Container'>);
  expect(changes.length).toBeGreaterThan(40);
  expect(changes.map(({ path }) => [path, explained(path)])).toEqual(changes.map(({ path, effect }) => [path, effect]));
});
