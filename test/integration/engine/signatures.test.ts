/** Policies about signatures together with what is here already: what ran goes on, what is new waits until the image is proven, and no layer comes twice. */
import { expect, onTestFinished, test } from 'vitest';
import { eventsOf, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { buildImage } from '../../support/image-builder.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';
import { signatureManifest, signatureTag, signDigest, signingKey } from '../../support/signatures.ts';

const image = buildImage({
  name: '1',
  layers: [{ entries: [{ name: 'app', content: 'one', mode: 0o755 }] }],
  run: { Entrypoint: ['/app'] },
});
const key = signingKey();

async function startRegistry(): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry();
  onTestFinished(() => registry.close());
  registry.publish('team/app', '1', image);
  return registry;
}

function sign(registry: ScriptedRegistry): void {
  const signed = signDigest(key, image.manifest.digest, 'registry.example.com/team/app');
  registry.publishBlob('team/app', signed.payload);
  registry.publishManifest('team/app', signatureTag(image.manifest.digest), signatureManifest([signed]).manifest);
}

const policy = (registry: ScriptedRegistry): string =>
  `---\napiVersion: tsdock/v1\nkind: Registry\nmetadata: {name: house}\nspec: {host: "${registry.host}", verify: [{prefix: team, keys: [${JSON.stringify(key.publicKey)}]}]}\n`;
const container = (registry: ScriptedRegistry, name: string): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${registry.host}/team/app:1"}\n`;
const layerRequests = (registry: ScriptedRegistry): number =>
  image.layers.flatMap((layer) => registry.requestsOf(`/v2/team/app/blobs/${layer.digest}`)).length;

test('an unpacked image that no signature proves is used for nothing new, and what runs of it goes on', async () => {
  const registry = await startRegistry();
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(registry, 'old'))], waiting());
  const before = [...host.world.instances.keys()];
  const strict = snapshot(`${policy(registry)}${container(registry, 'old')}${container(registry, 'new')}`);
  const report = await engine.plan([strict]);
  expect(report.changes.find(({ kind }) => kind === 'Image')).toMatchObject({ action: 'repair', pull: { bytes: 0 } });
  expect(layerRequests(registry)).toBe(1);
  await engine.apply([strict], waiting({ timeoutMs: 1500 })).catch(() => undefined);
  expect([...host.world.instances.keys()]).toEqual(before);
  const events = await eventsOf(engine);
  expect(
    events
      .filter(({ reason }) => reason === 'ActionFailed')
      .map(({ message }) => message)
      .join('\n'),
  ).toContain('has no signature');
  sign(registry);
  await engine.apply([strict], waiting());
  expect(host.world.instances.size).toBe(2);
  expect(layerRequests(registry)).toBe(1);
});

test('a signed image runs, and the next plan is empty', async () => {
  const registry = await startRegistry();
  sign(registry);
  const host = makeHost();
  const engine = await host.open();
  const set = snapshot(`${policy(registry)}${container(registry, 'web')}`);
  await engine.apply([set], waiting());
  expect(host.world.instances.size).toBe(1);
  expect((await engine.plan([set])).changes).toEqual([]);
});
