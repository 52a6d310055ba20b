import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { nginxLayout, startRegistry } from '../support/images.ts';

interface Instances {
  readonly items: readonly {
    readonly name: string;
    readonly uid: string;
    readonly pid: number;
    readonly address: string;
    readonly phase: string;
  }[];
}

interface PlanOutput {
  readonly changes: readonly {
    readonly name: string;
    readonly action: string;
    readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown; readonly effect: string }[];
  }[];
}

const manifest = (image: string, extra = '') => `
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec:
  image: ${image}
  ports: ["8080:80"]
${extra}`;

onHost('a Debian nginx pulled from a registry answers on its port, is replaced by an edit and leaves nothing behind', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(nginxLayout(), 'team/nginx', '1');
  const file = host.write('web.yaml', manifest(image));

  await host.ok(['apply', '-f', file]);
  await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toContain('Welcome to nginx'));

  const unchanged = await host.ok(['diff', '-f', file]);
  expect(unchanged.stdout).toMatch(/unchanged/);
  const before = await host.json<Instances>(['ps']);

  host.write('web.yaml', manifest(image, '  env: {LOG_LEVEL: debug}\n'));
  const added = JSON.parse((await host.ok(['diff', '-f', file, '-o', 'json'], 2)).stdout) as PlanOutput;
  const change = added.changes.find((candidate) => candidate.name === 'web');
  expect(change).toMatchObject({ action: 'replace', fields: [{ path: 'env.LOG_LEVEL', to: 'debug', effect: 'replace' }] });
  await host.ok(['apply', '-f', file]);

  host.write('web.yaml', manifest(image, '  env: {LOG_LEVEL: info}\n'));
  const text = await host.ok(['diff', '-f', file], 2);
  expect(text.stdout).toMatch(/env\.LOG_LEVEL/);
  expect(text.stdout).toMatch(/debug.*info/);
  await host.ok(['apply', '-f', file]);
  await eventually(() => expect(host.fetch('http://127.0.0.1:8080/')).toContain('Welcome to nginx'));

  const after = await host.json<Instances>(['ps']);
  expect(after.items).toHaveLength(1);
  expect(after.items[0]?.uid).not.toBe(before.items[0]?.uid);
  expect(after.items[0]?.address, 'the address belongs to the name').toBe(before.items[0]?.address);
  await host.ok(['diff', '-f', file]);

  await host.ok(['delete', '-f', file]);
  expect(await host.json<Instances>(['ps'])).toMatchObject({ items: [] });
});
