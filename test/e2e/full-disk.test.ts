import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addImage, tar } from '../../scripts/lib/oci-layout.mjs';
import { type Collection, openStore } from '../../src/store/store.ts';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { loopDisk } from '../support/loop-disk.ts';
import { scratch } from '../support/scratch.ts';

interface Configs {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

const config = (name: string) => `apiVersion: tsdock/v1\nkind: Config\nmetadata: {name: ${name}}\nspec: {data: {text: "${name}"}}\n`;

onHost('with 0 bytes free objects can be deleted, and the engine goes on when there is space again', async (host) => {
  const disk = loopDisk(host.stateDir, { type: 'ext4', sizeMiB: 160, make: ['-m', '0'] });
  try {
    await host.daemon();
    for (const name of ['one', 'two']) await host.ok(['apply', '-f', host.write(`${name}.yaml`, config(name))]);
    await eventually(() => expect(existsSync(join(host.stateDir, 'store.reserve'))).toBe(true));
    const filler = join(host.stateDir, 'filler');
    fill(filler);
    await host.ok(['delete', 'config/one']);
    expect((await host.json<Configs>(['get', 'config'])).items.map((item) => item.metadata.name)).toEqual(['two']);
    rmSync(filler);
    await host.ok(['apply', '-f', join(host.directory, 'one.yaml')]);
    await host.ok(['delete', '--all']);
  } finally {
    disk.remove();
  }
});

onHost('with 0 bytes free and no daemon objects can be deleted and images collected', async (host) => {
  const disk = loopDisk(host.stateDir, { type: 'ext4', sizeMiB: 160, make: ['-m', '0'] });
  try {
    const layout = join(host.directory, 'big');
    addImage(layout, { tag: '1', layers: [tar([{ name: 'data', content: randomBytes(1 << 20) }])], config: { Cmd: ['/data'] } });
    await host.ok(['image', 'pull', `oci:${layout}:1`]);
    for (const name of ['one', 'two']) await host.ok(['apply', '-f', host.write(`${name}.yaml`, config(name))]);
    const filler = join(host.stateDir, 'filler');
    fill(filler);
    await host.ok(['delete', 'config/one']);
    fill(`${filler}.2`);
    await host.ok(['image', 'prune']);
    expect((await host.json<{ items: readonly unknown[] }>(['image', 'ls'])).items).toEqual([]);
    await host.ok(['delete', '--all']);
  } finally {
    disk.remove();
  }
});

onHost('with 0 bytes free a daemon collects what nothing uses, asked or by itself', async (host) => {
  const disk = loopDisk(host.stateDir, { type: 'ext4', sizeMiB: 96, make: ['-m', '0'] });
  try {
    const spec = `{prefix: ${host.prefix}, reconcile: {interval: 2s}, gc: {low: 95%, high: 99%, minAge: 0s}}`;
    host.write('config.yaml', `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: ${spec}\n`);
    const layout = join(host.directory, 'big');
    const data = () => tar([{ name: 'data', content: randomBytes(8 << 20) }]);
    const [one, two] = ['1', '2'].map((tag) => {
      addImage(layout, { tag, compress: false, layers: [data()], config: { Cmd: ['/data'] } });
      return `oci:${layout}:${tag}`;
    }) as [string, string];
    const images = async () => (await host.json<{ items: readonly { ref: string }[] }>(['image', 'ls'])).items.map(({ ref }) => ref);
    const filler = join(host.stateDir, 'filler');
    await host.daemon();
    for (const ref of [one, two]) await host.ok(['image', 'pull', ref]);
    fill(filler);
    await host.ok(['gc']);
    expect(await images()).not.toContain(one);
    fill(`${filler}.2`);
    await eventually(async () => expect(await images()).toEqual([]));
    await host.ok(['delete', '--all']);
  } finally {
    disk.remove();
  }
});

test('a store without a reserve on a full disk refuses what does not fit, takes it when there is space, and closes', async () => {
  const directory = scratch();
  const disk = loopDisk(directory, { type: 'ext4', sizeMiB: 32, make: ['-m', '0'] });
  try {
    const path = join(directory, 'store');
    const store = await openStore(path, { readOnly: false });
    const put = (id: string) => store.write((tx) => tx.put(collection, id, 'x'.repeat(200_000)));
    fill(join(directory, 'filler'));
    await expect(put('one')).rejects.toMatchObject({ code: 'DMN011', message: expect.stringContaining('No space left on device') });
    rmSync(join(directory, 'filler'));
    await put('two');
    await store.close();
    const next = await openStore(path, { readOnly: false });
    expect([...next.range(collection)].map(([id]) => id)).toEqual(['two']);
    await next.close();
  } finally {
    disk.remove();
  }
});

const collection = { name: 'sets' } as Collection<string>;

/** Until not a byte goes in any more. */
function fill(path: string): void {
  for (let size = 1 << 20; size >= 1; size = size >> 1) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
