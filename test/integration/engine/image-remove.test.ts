import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';

test('a removed image frees its layers but none that a container runs', async () => {
  const host = makeHost();
  const engine = await host.open();
  const web = `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: "${host.image('1')}"}\n`;
  await engine.apply([snapshot(web)], waiting());
  await engine.pullImage(host.image('2'), { signal: new AbortController().signal, onProgress: () => undefined });
  const layers = (): number => readdirSync(join(host.directory, 'state/layers')).length;
  expect(layers()).toBe(2);
  await expect(engine.removeImage(host.image('1'))).rejects.toMatchObject({ code: 'IMG030' });
  await engine.removeImage(host.image('2'));
  expect(layers()).toBe(1);
  const [image] = await engine.images();
  expect(image).toMatchObject({ ref: host.image('1'), usedBy: ['default/web-1'] });
  expect(existsSync(join(host.directory, 'state/content/blobs/sha256', image?.configDigest.slice(7) ?? ''))).toBe(true);
  await engine.apply([snapshot('')], waiting({ force: true, maxDelete: 1 }));
  await engine.removeImage(host.image('1'));
  expect(layers()).toBe(0);
});
