/** When a tag is looked up, what an apply makes of it, and that nothing ever changes because of it without a cause. */
import { expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../../src/reconciler/engine.ts';
import { type Host, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { type BuiltImage, buildImage, descriptor, hostArchitecture, toBlob } from '../../support/image-builder.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';
const tagPath = '/v2/team/app/manifests/1';

const program = (content: string, architecture = hostArchitecture): BuiltImage =>
  buildImage({
    name: '1',
    layers: [{ entries: [{ name: 'app', content, mode: 0o755 }] }],
    run: { Entrypoint: ['/app'] },
    platform: { os: 'linux', architecture },
  });
const [one, two, three] = [program('one'), program('two'), program('three')];

async function registryWith(image: BuiltImage): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry();
  onTestFinished(() => registry.close());
  registry.publish('team/app', '1', image);
  return registry;
}

/** An index of these images under the tag. */
function publishIndex(registry: ScriptedRegistry, images: readonly (readonly [string, BuiltImage])[]): string {
  for (const [, image] of images) registry.publish('team/app', 'unused', image);
  const manifests = images.map(([architecture, image]) => ({ ...descriptor(image.manifest), platform: { os: 'linux', architecture } }));
  const index = toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })), indexType);
  registry.publishManifest('team/app', '1', index);
  return index.digest;
}

const container = (registry: ScriptedRegistry, name: string, policy: string): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${registry.host}/team/app:1", imagePullPolicy: ${policy}}\n`;

const instances = (host: Host): readonly string[] => [...host.world.instances.keys()].sort();
const digestOf = async (engine: Engine): Promise<string | undefined> => (await engine.images())[0]?.digest;

test('Always replaces what runs when the tag has moved, and diff shows it with both digests', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const web = snapshot(container(registry, 'web', 'Always'));
  await engine.apply([web], waiting());
  registry.publish('team/app', '1', two);
  const report = await engine.plan([web]);
  expect(report.changes).toEqual([
    expect.objectContaining({
      kind: 'Image',
      action: 'update',
      fields: [expect.objectContaining({ path: 'digest', from: one.manifest.digest, to: two.manifest.digest })],
    }),
    expect.objectContaining({
      kind: 'Container',
      action: 'replace',
      fields: [expect.objectContaining({ path: 'image', from: one.config.digest, to: two.config.digest })],
    }),
  ]);
  expect(await digestOf(engine), 'a plan changes nothing').toBe(one.manifest.digest);
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'applied', summary: { replaced: 1 } });
  expect(await digestOf(engine)).toBe(two.manifest.digest);
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
});

test('IfNotPresent asks nobody while the image is here', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const web = snapshot(container(registry, 'web', 'IfNotPresent'));
  await engine.apply([web], waiting());
  registry.publish('team/app', '1', two);
  const asked = registry.requests.length;
  expect(await engine.plan([web])).toMatchObject({ changes: [] });
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect(registry.requests.length).toBe(asked);
});

test('an index that was pushed again with only another platform changed is no change', async () => {
  const registry = await registryWith(one);
  const before = publishIndex(registry, [
    [hostArchitecture, one],
    ['riscv64', program('other', 'riscv64')],
  ]);
  const host = makeHost();
  const engine = await host.open();
  const web = snapshot(container(registry, 'web', 'Always'));
  await engine.apply([web], waiting());
  const running = instances(host);
  const after = publishIndex(registry, [
    [hostArchitecture, one],
    ['riscv64', program('changed', 'riscv64')],
  ]);
  expect(after).not.toBe(before);
  expect(await engine.plan([web])).toMatchObject({ changes: [], actions: [] });
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect(instances(host)).toEqual(running);
});

test('a manifest that was pushed again with the same config is no change', async () => {
  const registry = await registryWith(one);
  const host = makeHost();
  const engine = await host.open();
  const web = snapshot(container(registry, 'web', 'Always'));
  await engine.apply([web], waiting());
  const running = instances(host);
  const content = { ...JSON.parse(Buffer.from(one.manifest.bytes).toString()), annotations: { built: 'again' } };
  registry.publishManifest('team/app', '1', toBlob(Buffer.from(JSON.stringify(content)), one.manifest.mediaType));
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect(instances(host)).toEqual(running);
});

test('a tag is looked up once an apply, for all its users, and what it stood for then is fetched though it moves on', async () => {
  const registry = await registryWith(one);
  const host = makeHost();
  const engine = await host.open();
  const both = snapshot(container(registry, 'web', 'Always') + container(registry, 'db', 'IfNotPresent'));
  await engine.apply([both], waiting());
  expect(registry.requestsOf(tagPath).length).toBe(1);
  registry.publish('team/app', '1', two);
  const [found] = [two];
  registry.publish('team/app', 'unused', three);
  registry.script(tagPath, (_, nth) => ({
    headers: { 'content-type': found.manifest.mediaType },
    body: nth === 0 ? found.manifest.bytes : three.manifest.bytes,
  }));
  expect(await engine.apply([both], waiting())).toMatchObject({ result: 'applied', summary: { replaced: 2 } });
  expect(registry.requestsOf(tagPath).length).toBe(2);
  expect(await digestOf(engine)).toBe(two.manifest.digest);
});

test('a registry that does not answer is a warning, and what is here stays', async () => {
  const registry = await registryWith(one);
  const host = makeHost();
  const engine = await host.open();
  const web = snapshot(container(registry, 'web', 'Always'));
  await engine.apply([web], waiting());
  const running = instances(host);
  registry.script(tagPath, () => ({ status: 403 }));
  const result = await engine.apply([web], waiting());
  expect(result).toMatchObject({ result: 'unchanged' });
  expect(result.warnings).toEqual([
    expect.stringMatching(new RegExp(`^${registry.host}/team/app:1 could not be looked up, ${one.manifest.digest.slice(0, 19)} stays: `)),
  ]);
  expect(instances(host)).toEqual(running);
});

test('what a person pulled by hand after an apply stays', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const web = snapshot(container(registry, 'web', 'Always'));
  await engine.apply([web], waiting());
  registry.publish('team/app', '1', two);
  await engine.apply([web], waiting());
  registry.publish('team/app', '1', three);
  await engine.pullImage(`${registry.host}/team/app:1`, { signal: new AbortController().signal, onProgress: () => undefined });
  await engine.apply([snapshot(container(registry, 'web', 'IfNotPresent'))], waiting());
  expect(await digestOf(engine)).toBe(three.manifest.digest);
});

test('Never fetches nothing: it fails at once with what to do, and goes on when somebody brought the image', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const web = snapshot(container(registry, 'web', 'Never'));
  const result = await engine.apply([web], waiting());
  expect(result).toMatchObject({ result: 'failed' });
  const [image] = await engine.resources({ kind: 'Image', namespace: null, name: null });
  expect(image?.status).toMatchObject({
    phase: 'Failed',
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'Ready',
        reason: 'ImagePullBackOff',
        message: `NotFound: ${registry.host}/team/app:1 is not on this host, and pull policy Never forbids to fetch it; hint: tsdock image pull ${registry.host}/team/app:1`,
      }),
    ]),
  });
  expect(registry.requests).toEqual([]);
  await engine.pullImage(`${registry.host}/team/app:1`, { signal: new AbortController().signal, onProgress: () => undefined });
  expect(await engine.apply([web], waiting())).toMatchObject({ exitCode: 0 });
});

test('one user that allows it is enough to fetch what all share', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const both = snapshot(container(registry, 'web', 'Never') + container(registry, 'db', 'IfNotPresent'));
  expect(await engine.apply([both], waiting())).toMatchObject({ result: 'applied', summary: { created: 2 } });
});

test('a declared Image has its own policy', async () => {
  const registry = await registryWith(one);
  const engine = await makeHost().open();
  const text = `apiVersion: tsdock/v1\nkind: Image\nmetadata: {name: app}\nspec: {ref: "${registry.host}/team/app:1", pullPolicy: Always}\n`;
  await engine.apply([snapshot(text)], waiting());
  registry.publish('team/app', '1', two);
  expect(await engine.apply([snapshot(text)], waiting())).toMatchObject({ result: 'applied', summary: { updated: 1 } });
  expect(await digestOf(engine)).toBe(two.manifest.digest);
});

test('a Registry reaches the pull of the same apply, and what changes about it is shown', async () => {
  const registry = await registryWith(one);
  const mirror = await registryWith(one);
  const engine = await makeHost().open();
  const settings = (mirrors: string): string =>
    `---\napiVersion: tsdock/v1\nkind: Registry\nmetadata: {name: house}\nspec: {host: "${registry.host}", mirrors: [${mirrors}]}\n`;
  const all = (mirrors: string) => snapshot(settings(mirrors) + container(registry, 'web', 'IfNotPresent'));
  expect(await engine.apply([all(`"${mirror.host}"`)], waiting())).toMatchObject({ result: 'applied', summary: { created: 2 } });
  expect(registry.requests).toEqual([]);
  expect(mirror.requests.length).toBeGreaterThan(0);
  expect(await engine.resources({ kind: 'Registry', namespace: null, name: null })).toEqual([
    expect.objectContaining({
      kind: 'Registry',
      metadata: expect.objectContaining({ name: 'house', namespace: '_' }),
      status: expect.objectContaining({ phase: 'Ready' }),
    }),
  ]);
  expect((await engine.plan([all('')])).changes).toEqual([
    expect.objectContaining({ kind: 'Registry', name: 'house', action: 'update', fields: [expect.objectContaining({ path: 'mirrors' })] }),
  ]);
  expect(await engine.apply([all('')], waiting())).toMatchObject({ result: 'applied', summary: { updated: 1 } });
  expect((await engine.plan([snapshot(container(registry, 'web', 'IfNotPresent'))])).changes).toEqual([
    expect.objectContaining({ kind: 'Registry', name: 'house', action: 'delete' }),
  ]);
  expect(await engine.remove(['Registry/_/house'], waiting())).toMatchObject({ exitCode: 0 });
  expect(await engine.resources({ kind: 'Registry', namespace: null, name: null })).toEqual([]);
});
