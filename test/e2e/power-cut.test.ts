import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from '../support/host.ts';
import { type LoopDisk, loopDisk } from '../support/loop-disk.ts';

interface Configs {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

const config = (name: string) => `apiVersion: tsdock/v1\nkind: Config\nmetadata: {name: ${name}}\nspec: {data: {text: "${name}"}}\n`;

onHost('what an apply has answered survives a cut of power at any later moment', async (host) => {
  const disk = loopDisk(host.stateDir, { type: 'ext4', sizeMiB: 128 });
  try {
    const answered: string[] = [];
    for (let cut = 0; cut < 4; cut++) answered.push(...(await applyUntilCut(host, disk, cut)));
    await host.daemon();
    const { items } = await host.json<Configs>(['get', 'config']);
    expect(items.map((item) => item.metadata.name)).toEqual(expect.arrayContaining(answered));
    await host.ok(['delete', '--all']);
  } finally {
    disk.remove();
  }
});

/** Names of the objects whose apply had ended well before power was cut, half a second at most after the first of them. */
async function applyUntilCut(host: TestHost, disk: LoopDisk, cut: number): Promise<readonly string[]> {
  const daemon = await host.daemon();
  const answered: string[] = [];
  let powered = true;
  const applying = (async () => {
    for (let nth = 0; powered; nth++) {
      const name = `c${cut}-${nth}`;
      const { code } = await host.tsdock(['apply', '-f', host.write(`${name}.yaml`, config(name))]);
      if (code === 0 && powered) answered.push(name);
    }
  })();
  await eventually(() => expect(answered.length).toBeGreaterThan(0), 20_000);
  await delay(Math.random() * 500);
  powered = false;
  disk.cutPower();
  daemon.kill('SIGKILL');
  await applying;
  await eventually(() => expect(daemon.exitCode ?? daemon.signalCode).not.toBeNull());
  disk.restorePower();
  return answered;
}
