import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

interface Instances {
  readonly items: readonly { readonly name: string; readonly uid: string; readonly pid: number }[];
}

const incarnations = ({ items }: Instances) => items.map(({ name, uid, pid }) => [name, uid, pid]);

const container = (name: string, image: string, port: number) => `apiVersion: tsdock/v1
kind: Container
metadata: {name: ${name}}
spec:
  image: ${image}
  ports: ["${port}:80"]
`;

onHost(
  'a file dropped into, changed in and removed from a watched directory converges; a broken one keeps its last good objects',
  async (host) => {
    const registry = await startRegistry(host);
    const first = registry.push(busyboxLayout(), 'busybox', '1');
    const second = registry.push(busyboxLayout(), 'busybox', '2');
    const daemon = await host.daemon(['--watch', join(host.directory, 'manifests')]);

    host.write('manifests/a.yaml', container('a', first, 8081));
    host.write('manifests/b.yaml', container('b', first, 8082));
    await eventually(() => expect(host.fetch('http://127.0.0.1:8081/')).toBe('busybox 1\n'));
    await eventually(() => expect(host.fetch('http://127.0.0.1:8082/')).toBe('busybox 1\n'));
    const names = async () => (await host.json<Instances>(['ps'])).items.map((item) => item.name).sort();
    expect(await names()).toEqual(['a-1', 'b-1']);

    host.write('manifests/a.yaml', container('a', second, 8081));
    await eventually(() => expect(host.fetch('http://127.0.0.1:8081/')).toBe('busybox 2\n'));

    const before = await host.json<Instances>(['ps']);
    host.write('manifests/a.yaml', 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: a\nspec: [');
    await eventually(async () => expect((await host.ok(['status'])).stdout).toMatch(/a\.yaml:\d+:\d+/));
    expect(incarnations(await host.json<Instances>(['ps']))).toEqual(incarnations(before));

    rmSync(join(host.directory, 'manifests/b.yaml'));
    await eventually(async () => expect(await names()).toEqual(['a-1']));
    expect(host.fetch('http://127.0.0.1:8081/')).toBe('busybox 2\n');

    host.write('manifests/a.yaml', container('a', second, 8083));
    await eventually(() => expect(host.fetch('http://127.0.0.1:8083/')).toBe('busybox 2\n'));
    rmSync(join(host.directory, 'manifests/a.yaml'));
    await eventually(async () => expect((await host.ok(['status'])).stdout).toMatch(/DMN020|empty|SourceMissing/));
    expect(await names(), 'an empty directory is not "delete all"').toEqual(['a-1']);
    host.write('manifests/c.yaml', container('c', second, 8084));
    await eventually(async () => expect(await names()).toEqual(['c-1']));

    const [declared] = (await host.json<Instances>(['ps'])).items;
    expect((await host.ok(['delete', 'container/c'])).stderr).toMatch(/c\.yaml:3:18: warning\[CLI023\]/);
    await eventually(async () => {
      const items = (await host.json<Instances>(['ps'])).items;
      expect(items.map(({ name }) => name)).toEqual(['c-1']);
      expect(items[0]?.uid, 'another one').not.toBe(declared?.uid);
    });
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
    await host.ok(['delete', 'container/c']);
  },
);
