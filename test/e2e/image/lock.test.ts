import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { onHost } from '../../support/e2e.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestHost } from '../../support/host.ts';
import { busyboxLayout, startRegistry } from '../../support/images.ts';

const manifest = (image: string, policy = 'IfNotPresent'): string => `
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: ${image}
  imagePullPolicy: ${policy}
  ports: ["8080:80"]
  terminationGracePeriodSeconds: 1
`;

interface Instances {
  readonly items: readonly { readonly uid: string; readonly image: { readonly ref: string } }[];
}

const page = (host: TestHost) => host.fetch('http://127.0.0.1:8080/');

for (const withDaemon of [false, true]) {
  onHost(`a lock keeps what a tag stood for until it is moved, ${withDaemon ? 'through the daemon' : 'without a daemon'}`, async (host) => {
    const registry = await startRegistry(host);
    const image = registry.push(busyboxLayout(), 'busybox', '1', 'stable');
    registry.push(busyboxLayout(), 'busybox', '1', '1.0');
    const file = host.write('shop/web.yaml', manifest(image));
    const lock = join(host.directory, 'shop', 'tsdock.lock');
    if (withDaemon) await host.daemon();

    await host.ok(['apply', '-f', file]);
    const [before] = (await host.json<Instances>(['ps'])).items;
    await host.ok(['apply', '-f', file, '--lock']);
    const [locked] = (await host.json<Instances>(['ps'])).items;
    expect(locked?.uid, 'the same image under its digest is no reason to restart').toBe(before?.uid);
    const first = readFileSync(lock, 'utf8');
    expect(first).toMatch(/^ {2}"127\.0\.0\.1:5000\/busybox:stable":\n {4}digest: sha256:[0-9a-f]{64}\n {4}platforms:\n/m);
    await host.ok(['diff', '-f', file]);
    await host.ok(['image', 'outdated', '-f', file]);

    registry.push(busyboxLayout(), 'busybox', '2', 'stable');
    await host.ok(['apply', '-f', file]);
    expect(page(host), 'the lock holds').toBe('busybox 1\n');
    expect((await host.ok(['image', 'outdated', '-f', file], 2)).stdout).toMatch(/busybox:stable\s+sha256:\w+…\s+sha256:\w+…\s+moved/);
    await host.ok(['image', 'update', '-f', file, '--dry-run'], 2);
    expect(readFileSync(lock, 'utf8')).toBe(first);
    expect((await host.ok(['image', 'update', '-f', file])).stdout).toMatch(
      /^127\.0\.0\.1:5000\/busybox:stable {2}sha256:\w+… -> sha256:\w+…\n$/,
    );
    expect(readFileSync(lock, 'utf8')).not.toBe(first);
    expect((await host.ok(['diff', '-f', file], 2)).stdout).toMatch(/busybox:stable@sha256/);
    await host.ok(['apply', '-f', file]);
    await eventually(() => expect(page(host)).toBe('busybox 2\n'));

    host.write('shop/tsdock.lock', '<<<<<<< HEAD\n');
    expect((await host.ok(['apply', '-f', file], 3)).stderr).toMatch(
      /tsdock\.lock: error\[LCK001\]: lock file cannot be read: git conflict/,
    );

    registry.push(busyboxLayout(), 'busybox', '2', '1.1');
    await host.ok(['image', 'pull', '127.0.0.1:5000/busybox:1.0']);
    expect((await host.ok(['image', 'outdated', 'busybox:1.0'], 2)).stdout).toMatch(/busybox:1\.0\s.*\ssame\s+1\.1/);
    const inspected = await host.json<{
      readonly ref: string;
      readonly layers: readonly unknown[];
      readonly config: Record<string, unknown>;
    }>(['image', 'inspect', '127.0.0.1:5000/busybox:1.0']);
    expect(inspected).toMatchObject({
      ref: '127.0.0.1:5000/busybox:1.0',
      config: { workingDir: '/' },
      referrers: [],
      referrersProblem: null,
    });
    expect(inspected.layers).toHaveLength(2);
    expect((await host.ok(['image', 'inspect', '127.0.0.1:5000/busybox:1.0'])).stdout).toMatch(
      /^Image: +127\.0\.0\.1:5000\/busybox:1\.0$/m,
    );
    await host.ok(['image', 'inspect', 'nothing:1'], 1);
    await host.ok(['delete', 'container/web']);
  });
}

onHost('a watched directory takes the images of its lock and follows when it moves', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1', 'stable');
  const file = host.write('manifests/web.yaml', manifest(image));
  await host.ok(['image', 'update', '-f', file]);
  registry.push(busyboxLayout(), 'busybox', '2', 'stable');
  const daemon = await host.daemon(['--watch', join(host.directory, 'manifests')]);
  await eventually(() => expect(page(host)).toBe('busybox 1\n'), 15_000);
  await host.ok(['image', 'update', '-f', file]);
  await eventually(() => expect(page(host)).toBe('busybox 2\n'), 15_000);
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  await host.ok(['delete', 'container/web']);
});

onHost('Always follows a tag that moved at the next apply, and diff says so before', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1', 'stable');
  const file = host.write('web.yaml', manifest(image, 'Always'));
  await host.ok(['apply', '-f', file]);
  await host.ok(['diff', '-f', file]);
  registry.push(busyboxLayout(), 'busybox', '2', 'stable');
  expect((await host.ok(['diff', '-f', file], 2)).stdout).toMatch(/sha256:.*->.*sha256:/);
  await host.ok(['apply', '-f', file]);
  await eventually(() => expect(page(host)).toBe('busybox 2\n'));
  await host.ok(['delete', '-f', file]);
});
