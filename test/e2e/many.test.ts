import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

onHost('the same image started 50 times answers on 50 ports', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const documents = Array.from(
    { length: 50 },
    (_, index) =>
      `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web-${index}}\nspec: {image: "${image}", ports: ["${9000 + index}:80"]}\n`,
  );
  const file = host.write('fifty.yaml', documents.join('---\n'));
  await host.ok(['apply', '-f', file]);
  for (let index = 0; index < 50; index += 1) {
    await eventually(() => expect(host.fetch(`http://127.0.0.1:${9000 + index}/`)).toBe('busybox 1\n'));
  }
  const unchanged = await host.ok(['diff', '-f', file]);
  expect(unchanged.stdout).toMatch(/50 objects unchanged/);
  await host.ok(['delete', '-f', file]);
});
