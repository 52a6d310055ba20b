import { describe, expect, test } from 'vitest';
import { manifestForm } from '../../../src/model/manifest-form.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { check, one } from '../../support/manifests.ts';

const head =
  'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n  ports: [{name: web, containerPort: 8080}]\n';

function container(spec: string): Resource<'Container'> {
  return one(`${head}  ${spec}\n`) as Resource<'Container'>;
}

test('a probe has the defaults of Kubernetes', () => {
  expect(container('readinessProbe: {httpGet: {port: web}}').spec.readinessProbe).toEqual({
    check: { type: 'http', port: 8080, path: '/', scheme: 'HTTP', headers: {} },
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
    graceMs: null,
  });
});

test.each([
  [
    'seconds and durations',
    'livenessProbe: {exec: [a], periodSeconds: 5, timeoutSeconds: 2}',
    'livenessProbe: {exec: [a], period: 5s, timeout: 2s}',
  ],
  ['names and numbers of ports', 'startupProbe: {tcpSocket: {port: web}}', 'startupProbe: {tcpSocket: {port: 8080}}'],
  ['a command for the shell', 'healthcheck: {test: "a | b"}', 'healthcheck: {test: [CMD-SHELL, "a | b"]}'],
  ['no check', 'healthcheck: {test: [NONE]}', 'healthcheck: {disable: true}'],
])('%s are one spec and one hash', (_name, left, right) => {
  expect(container(left).spec).toEqual(container(right).spec);
  expect(container(left).specHash).toBe(container(right).specHash);
});

test.each([
  'startupProbe: {exec: [a, b], initialDelaySeconds: 3, period: 1s, timeout: 500ms, failureThreshold: 7, terminationGracePeriodSeconds: 0}',
  'readinessProbe: {httpGet: {port: web, path: /x, scheme: HTTPS, headers: {A: b}}, successThreshold: 2}',
  'livenessProbe: {grpc: {port: web, service: s}}',
  'healthcheck: {test: [CMD, a], interval: 3s, timeout: 1s, start_period: 10s, start_interval: 1s, retries: 2, restart: true}',
  'healthcheck: {disable: true}',
])('what get prints of %s is the same when it is applied', (spec) => {
  const before = container(spec);
  const printed = JSON.stringify({
    apiVersion: 'tsdock/v1',
    kind: 'Container',
    metadata: { name: 'web' },
    spec: manifestForm('Container', 'default', before.spec),
  });
  expect(one(printed).specHash).toBe(before.specHash);
});

describe('what cannot be asked is refused with its place', () => {
  test.each([
    ['readinessProbe: {}', 'PRB001: readinessProbe needs one of exec, httpGet, tcpSocket, grpc; it has none'],
    [
      'readinessProbe: {exec: [a], tcpSocket: {port: 1}}',
      'PRB001: readinessProbe needs one of exec, httpGet, tcpSocket, grpc; it has exec and tcpSocket',
    ],
    ['readinessProbe: {exec: []}', 'SCH033: exec names no program'],
    ['readinessProbe: {tcpSocket: {port: wbe}}', 'PRB002: no TCP port of the container is named "wbe"'],
    ['readinessProbe: {tcpSocket: {port: 70000}}', 'PRT001: port 70000 is not in 1-65535'],
    ['readinessProbe: {exec: [a], period: 1s, periodSeconds: 1}', 'PRB003: period and periodSeconds are one field'],
    ['readinessProbe: {exec: [a], period: 1ms}', 'PRB003: period must be at least 100ms'],
    [
      'readinessProbe: {httpGet: {port: 80, path: x}}',
      'PRB006: path "x" does not begin with "/" or has characters that a request cannot carry',
    ],
    ['readinessProbe: {httpGet: {port: 80, headers: {A: "b\\r\\nC: d"}}}', 'PRB006: header "A" cannot be sent'],
    ['healthcheck: {test: [RUN, a]}', 'PRB004: healthcheck.test begins with "RUN", not with CMD, CMD-SHELL or NONE and what belongs to it'],
    [
      'healthcheck: {test: a}\n  readinessProbe: {exec: [a]}',
      'PRB001: healthcheck becomes the readiness probe, and there is a readinessProbe',
    ],
    ['networkMode: none\n  readinessProbe: {grpc: {port: 80}}', 'PRB005: grpc needs a network, networkMode is none'],
  ])('%s', (spec, message) => {
    const found = check({ 'web.yaml': `${head}  ${spec}\n` }).diagnostics.filter(({ severity }) => severity === 'error');
    expect(found.map(({ code, message: text }) => `${code}: ${text}`)).toEqual([message]);
    expect(found[0]?.line).toBeGreaterThan(6);
  });
});
