import { expect, test } from 'vitest';
import { defaultSpecs } from '../../../src/manifest/defaults.ts';
import type { AnyResource, ResourceKey } from '../../../src/model/resource.ts';
import { records, sets } from '../../../src/store/collections.ts';
import { directoriesOf } from '../../../src/store/directories.ts';
import { openStore } from '../../../src/store/store.ts';
import { makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';

/** Fields that the first release knew. */
const first = new Set([
  'image',
  'command',
  'args',
  'env',
  'ports',
  'networks',
  'networkMode',
  'mounts',
  'limits',
  'replicas',
  'state',
  'restartPolicy',
]);

test('what an earlier version has stored goes on as it is, whatever fields have come since', async () => {
  const host = makeHost();
  const object = (kind: string, name: string, spec: string): string =>
    `---\napiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
  const more = object('Volume', 'data', '{}') + object('Config', 'page', '{data: {a: b}}');
  const web = snapshot(
    `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: "${host.image('1')}", ports: ["8080:80"], env: {A: "1"}, mounts: ["data:/data", {config: page, path: /www}]}\n${more}`,
  );
  const engine = await host.open();
  await engine.apply([web], waiting());
  const before = host.world.describe();
  await engine.close();

  const earlier = (spec: object): object => Object.fromEntries(Object.entries(spec).filter(([name]) => first.has(name)));
  const store = await openStore(directoriesOf(host.options()).store, { readOnly: false });
  await store.write((tx) => {
    for (const [id, set] of [...store.range(sets)])
      tx.put(sets, id, {
        ...set,
        documents: set.documents.map((one) => (one.kind === 'Container' ? ({ ...one, spec: earlier(one.spec) } as AnyResource) : one)),
      });
    for (const [key, record] of [...store.range(records)])
      if (key.startsWith('Container/') && record.lastApplied != null)
        tx.put(records, key, { ...record, lastApplied: earlier(record.lastApplied as object) });
  });
  await store.close();

  const later = await host.open();
  expect((await later.plan([web])).changes).toEqual([]);
  expect(await later.apply([web], waiting())).toMatchObject({ result: 'unchanged' });
  expect(host.world.describe()).toEqual(before);
  const [status] = await later.resources({ kind: 'Container', namespace: 'default', name: 'web' });
  expect(status?.spec).toMatchObject({ env: { A: '1' } });
  const key: ResourceKey<'Container'> = 'Container/default/web';
  expect(await later.why(key, { signal: new AbortController().signal })).toMatchObject({ phase: 'Ready' });
  expect(Object.keys(defaultSpecs.Container).length, 'there are later fields').toBeGreaterThan(first.size);
});
