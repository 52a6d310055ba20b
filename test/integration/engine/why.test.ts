import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Cause } from '../../../src/model/engine-api.ts';
import { type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import type { Engine } from '../../../src/reconciler/engine.ts';
import { openReadOnly } from '../../../src/reconciler/read-only.ts';
import { type Host, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { identityText } from '../../support/samples.ts';
import { nativeError } from '../../support/world.ts';

const container = (host: Host, name: string, more = '', tag = '1'): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${host.image(tag)}"${more === '' ? '' : `, ${more}`}}\n`;
const signal = new AbortController().signal;
const ask = (engine: Pick<Engine, 'why'>, key: ResourceKey) => engine.why(key, { signal });
/** `OBJECT reason` from the first link to the last, where each has one below it. */
const chainOf = (cause: Cause): readonly string[] => [`${cause.object} ${cause.reason}`, ...cause.causes.flatMap(chainOf)];

test('a container that waits leads to the one that was never started, and that to the line that says so', async () => {
  const host = makeHost();
  const engine = await host.open();
  const shop = snapshot(container(host, 'db', 'state: Stopped') + container(host, 'api', 'dependsOn: [db]'));
  await engine.apply([shop], waiting({ wait: false }));
  await expect
    .poll(async () => chainOf(await ask(engine, 'Container/default/api')))
    .toEqual(['Container/default/api WaitingForDependency', 'Container/default/db Suspended']);
  const [db] = (await ask(engine, 'Container/default/api')).causes;
  expect(db?.origin).toMatchObject({ line: 10 });
  expect(db?.next).toEqual([expect.stringMatching(/^set state: Running \(test\.yaml:5\)$/)]);
  const readOnly = await openReadOnly(host.options());
  try {
    expect(chainOf(await ask(readOnly, 'Container/default/api'))).toEqual(chainOf(await ask(engine, 'Container/default/api')));
  } finally {
    await readOnly.close();
  }
});

test('an image that cannot be had is the root of what runs it', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web', '', 'none'))], waiting({ wait: false }));
  await expect
    .poll(async () => chainOf(await ask(engine, 'Container/default/web')))
    .toEqual(['Container/default/web WaitingForImage', `Image/_/${host.image('none')} ImagePullBackOff`]);
});

test('what cannot be started points at the field that says what', async () => {
  const host = makeHost();
  const engine = await host.open();
  host.world.programs.set('/nonsense', { error: nativeError('ENOENT', 'exec', 'no such file') });
  await engine.apply([snapshot(container(host, 'web', 'command: ["/nonsense"]'))], waiting());
  expect(await ask(engine, 'Container/default/web')).toMatchObject({
    next: [expect.stringMatching(/^change what it starts \(test\.yaml:5\)$/)],
  });
});

test('a program that ends leads to its last words', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  const [id] = [...host.world.instances.keys()];
  if (id === undefined) throw new Error('nothing runs');
  const options = host.options();
  const logs = join(options.stateDir, 'logs', id);
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'identity'), identityText({ key: resourceKey('Container', 'default', 'web'), slot: 1 }));
  writeFileSync(join(logs, 'current.log'), '2026-03-01T12:00:00.000000001Z stderr F out of ideas\n');
  host.world.exit(id, { code: 1 });
  await expect.poll(async () => (await ask(engine, 'Container/default/web')).reason).toBe('CrashLoopBackOff');
  const cause = await ask(engine, 'Container/default/web');
  expect(cause).toMatchObject({ phase: 'Degraded', causes: [], next: ['tsdock logs web --previous'] });
  expect(cause.evidence).toEqual(['out of ideas']);
});

test('what is stopped by hand is started by hand, what is well has no cause, what nobody knows is an error', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(container(host, 'web'))], waiting());
  expect(await ask(engine, 'Container/default/web')).toMatchObject({ phase: 'Ready', reason: 'Ready', causes: [], next: [] });
  await engine.stop(['Container/default/web'], waiting());
  expect(await ask(engine, 'Container/default/web')).toMatchObject({ reason: 'Suspended', next: ['tsdock start web'] });
  await expect(ask(engine, 'Container/default/other')).rejects.toMatchObject({ code: 'CLI021' });
});
