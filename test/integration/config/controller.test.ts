import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createConfigController } from '../../../src/controllers/config/controller.ts';
import { contentHashOf } from '../../../src/model/content-hash.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { Action, ActionInputs } from '../../../src/model/plan.ts';
import { type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import type { InstanceStatus } from '../../../src/native/index.ts';
import { identity } from '../../support/samples.ts';
import { scratch } from '../../support/scratch.ts';

const key = resourceKey('Config', 'shop', 'site');
const context = { signal: new AbortController().signal, log: silentLogger, progress: () => undefined };

function setup() {
  const runDir = scratch();
  const mounted: string[] = [];
  const list = () => Promise.resolve(mounted.map((text) => ({ identity: text }) as InstanceStatus));
  const controller = createConfigController({ native: { containers: { list } }, runDir, log: silentLogger });
  const act = (input: ActionInputs['Config'], subject: ResourceKey<'Config'> = key) => {
    const action: Action<'Config'> = {
      id: `${subject}#${input.verb}`,
      kind: 'Config',
      subject,
      verb: input.verb,
      phase: 'up',
      input,
      reason: { code: 'Created', message: '', paths: [] },
      after: [],
      acquires: [],
      releases: [],
    };
    return controller.run(action, context);
  };
  const write = (data: Readonly<Record<string, string>>) =>
    act({ verb: 'write', data, binaryData: {}, contentHash: contentHashOf(data), identity });
  return { runDir, controller, act, write, mounted, home: join(runDir, 'files/configs/shop/site') };
}

const hexOf = (data: Readonly<Record<string, string>>) => contentHashOf(data).slice('sha256:'.length);

test('nothing is observed at first', async () => {
  const { controller, runDir } = setup();
  expect(await controller.observe()).toEqual([]);
  expect(await controller.observe(key)).toEqual([]);
  expect(await readdir(runDir)).toEqual([]);
});

test('files are written whole, readable for every user and writable for none, the same when written twice', async () => {
  const { controller, write, home } = setup();
  const data = { 'a.conf': 'ä\n', '.hidden': '' };
  await write(data);
  await write(data);
  const path = join(home, hexOf(data));
  expect(await controller.observe()).toEqual([
    { kind: 'Config', key, identity, uses: [], claims: [], contentHash: contentHashOf(data), path },
  ]);
  expect(await readdir(path)).toEqual(['.hidden', 'a.conf']);
  expect(await readFile(join(path, 'a.conf'), 'utf8')).toBe('ä\n');
  expect((await stat(join(path, 'a.conf'))).mode & 0o777).toBe(0o444);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect((await readdir(home)).sort()).toEqual([hexOf(data), 'config.json'].sort());
});

test('earlier content stays as long as an instance names it', async () => {
  const { controller, write, home, mounted } = setup();
  await write({ a: '1' });
  mounted.push(JSON.stringify({ content: { [key]: contentHashOf({ a: '1' }) } }));
  await write({ a: '2' });
  expect((await controller.observe())[0]?.contentHash).toBe(contentHashOf({ a: '2' }));
  expect(await readFile(join(home, hexOf({ a: '1' }), 'a'), 'utf8')).toBe('1');
  mounted.length = 0;
  await write({ a: '3' });
  expect((await readdir(home)).sort()).toEqual([hexOf({ a: '3' }), 'config.json'].sort());
});

test('what a crash left half written is not observed, and goes with the next write', async () => {
  const { controller, write, home } = setup();
  await mkdir(join(home, '.0123'), { recursive: true });
  await writeFile(join(home, '.0123/a'), 'half');
  expect(await controller.observe()).toEqual([]);
  await write({ a: '1' });
  expect((await readdir(home)).sort()).toEqual([hexOf({ a: '1' }), 'config.json'].sort());
});

test('a config whose content or note was lost is not there', async () => {
  const { controller, write, home } = setup();
  await write({ a: '1' });
  await chmod(join(home, 'config.json'), 0o600);
  await writeFile(join(home, 'config.json'), '{');
  expect(await controller.observe()).toEqual([]);
  await write({ a: '1' });
  await rm(join(home, hexOf({ a: '1' })), { recursive: true });
  expect(await controller.observe(key)).toEqual([]);
});

test('removal leaves no trace, twice', async () => {
  const { controller, write, act, home } = setup();
  await write({ a: '1' });
  await act({ verb: 'remove' });
  await act({ verb: 'remove' });
  expect(await controller.observe()).toEqual([]);
  await expect(stat(home)).rejects.toThrow('ENOENT');
});

test.each(['../../x', '/x', 'a/../../b', '..', '.', '', 'a\0b', 'x'.repeat(256)])(
  'the file name %j never leaves the directory',
  async (name) => {
    const { write, controller, home } = setup();
    await expect(write({ [name]: 'x' })).rejects.toMatchObject({ code: 'CFG010' });
    expect(await controller.observe()).toEqual([]);
    expect(await readdir(home)).toEqual([]);
  },
);

test.each(['Config/shop/..', 'Config/../site', 'Config/shop/a/b'] as const)('the name %j never becomes a path', async (bad) => {
  const { act, runDir } = setup();
  await expect(act({ verb: 'write', data: {}, binaryData: {}, contentHash: contentHashOf({}), identity }, bad)).rejects.toMatchObject({
    code: 'CFG010',
  });
  expect(await readdir(runDir)).toEqual([]);
});
