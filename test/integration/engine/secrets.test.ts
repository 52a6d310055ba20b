import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineApi } from '../../../src/model/engine-api.ts';
import { eventsOf, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';
import { eventually } from '../../support/eventually.ts';

const marker = 'M4rker0fASecret';

const app = (image: string, spec: string): string => `
apiVersion: tsdock/v1
kind: Secret
metadata: {name: db}
spec: ${spec}
---
apiVersion: tsdock/v1
kind: Container
metadata: {name: web}
spec: {image: "${image}", mounts: [{secret: db, path: /run/db}]}
`;

/** Files below a directory that hold a text, in clear or as base64 of any alignment that begins a word. */
function filesWith(directory: string, text: string): readonly string[] {
  const needles = [text, Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => needles.some((needle) => readFileSync(path, 'latin1').includes(needle)));
}

/** Everything an engine tells anybody. */
async function saidBy(engine: EngineApi): Promise<string> {
  const everything = { kind: null, namespace: null, name: null };
  return JSON.stringify([await engine.resources(everything), await engine.instances({ namespace: null }), await eventsOf(engine)]);
}

test('a secret is on no disk and in no answer, only in memory and in what mounts it', async () => {
  const host = makeHost();
  const engine = await host.open();
  const wanted = [snapshot(app(host.image('1'), `{stringData: {password: ${marker}}}`))];
  const plan = await engine.plan(wanted);
  const result = await engine.apply(wanted, waiting());
  expect(result.result).toBe('applied');

  expect(filesWith(host.directory, marker)).toEqual([]);
  expect(JSON.stringify([plan, result])).not.toContain(marker);
  expect(await saidBy(engine)).not.toContain(marker);
  const files = filesWith(host.sharedMemory, marker);
  expect(files.map((path) => path.split('/').at(-1))).toEqual(['password']);

  const next = [snapshot(app(host.image('1'), `{stringData: {password: ${marker}2}}`))];
  const change = (await engine.plan(next)).changes.find(({ kind }) => kind === 'Secret');
  expect(change?.fields).toMatchObject([{ path: 'stringData.password', from: { redacted: true }, to: { redacted: true, changed: true } }]);
  expect((await engine.plan(wanted)).changes).toEqual([]);
});

test('a changed secret replaces what mounts it', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(app(host.image('1'), '{stringData: {password: one}}'))], waiting());
  const [before] = host.world.instances.keys();
  await engine.apply([snapshot(app(host.image('1'), '{stringData: {password: two}}'))], waiting());
  expect([...host.world.instances.keys()]).not.toContain(before);
  expect(filesWith(host.sharedMemory, 'two')).toHaveLength(1);
});

test('a generated value outlives the next apply, the engine and the store', async () => {
  const host = makeHost();
  const yaml = app(host.image('1'), '{generate: {password: {}}}');
  const engine = await host.open();
  await engine.apply([snapshot(yaml)], waiting());
  const value = (): string => {
    const [path] = readdirSync(host.sharedMemory, { recursive: true, withFileTypes: true }).filter((entry) => entry.name === 'password');
    return readFileSync(join(path?.parentPath ?? '', 'password'), 'utf8');
  };
  const first = value();
  expect(first).toMatch(/^[A-Za-z0-9]{32}$/);
  expect((await engine.plan([snapshot(yaml)])).changes).toEqual([]);
  expect(filesWith(host.directory, first)).toEqual([]);

  await engine.close();
  rmSync(join(host.directory, 'state/store'), { recursive: true });
  const later = await host.open();
  await later.apply([snapshot(yaml)], waiting());
  expect(value()).toBe(first);
});

test('a preview runs no program: the value that holds now stands for what one would say', async () => {
  const host = makeHost();
  const engine = await host.open();
  const unread = [snapshot(app(host.image('1'), '{from: {exec: [pass, show, db]}}'))];
  const first = await engine.plan(unread);
  const change = first.changes.find(({ kind }) => kind === 'Secret');
  expect(change?.fields).toMatchObject([{ path: 'data.value', from: null, to: { redacted: true, unknown: true } }]);
  await engine.apply([snapshot(app(host.image('1'), '{stringData: {value: one}}'))], waiting());
  expect((await engine.plan(unread)).changes).toEqual([]);
});

test('a secret that cannot be opened holds up its users, with its reason', async () => {
  const host = makeHost();
  const engine = await host.open();
  const armored = '-----BEGIN AGE ENCRYPTED FILE-----\\nYWdl\\n-----END AGE ENCRYPTED FILE-----';
  await engine.apply([snapshot(app(host.image('1'), `{encrypted: {password: "${armored}"}}`))], waiting({ wait: false }));
  await eventually(async () => {
    const [secret] = await engine.resources({ kind: 'Secret', namespace: null, name: null });
    expect(secret?.status.conditions[0]?.reason).toBe('SecretUndecryptable');
  });
  expect(host.world.instances.size).toBe(0);
});

const config = (spec: string): string => `apiVersion: tsdock/v1\nkind: Config\nmetadata: {name: site}\nspec: ${spec}\n`;

test('an immutable Config takes no other content, and gives up being immutable', async () => {
  const host = makeHost();
  const engine = await host.open();
  await engine.apply([snapshot(config('{immutable: true, data: {a: one}}'))], waiting());
  await expect(engine.apply([snapshot(config('{immutable: true, data: {a: two}}'))], waiting())).rejects.toMatchObject({ code: 'CFG003' });
  await engine.apply([snapshot(config('{data: {a: one}}'))], waiting());
  await engine.apply([snapshot(config('{data: {a: two}}'))], waiting());
});

test('a watched directory keeps the content of an immutable Config and says so', async () => {
  const host = makeHost();
  const engine = await host.open();
  const watched = (spec: string) => [snapshot(config(spec), { set: 'dir:/m' })];
  await engine.apply(watched('{immutable: true, data: {a: one}}'), waiting());
  await engine.apply(watched('{immutable: true, data: {a: two}}'), waiting());
  const [site] = await engine.resources({ kind: 'Config', namespace: null, name: null });
  expect(site?.spec).toMatchObject({ data: { a: 'one' } });
  expect((await engine.sets())[0]?.note).toContain('Config/default/site (test.yaml:3:18) is immutable');
});
