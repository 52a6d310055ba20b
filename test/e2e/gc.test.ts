import { randomBytes } from 'node:crypto';
import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addImage, tar } from '../../scripts/lib/oci-layout.mjs';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from '../support/host.ts';
import { busyboxLayout } from '../support/images.ts';
import { loopDisk } from '../support/loop-disk.ts';

interface Images {
  readonly items: readonly { readonly ref: string }[];
}
interface Report {
  readonly images: readonly { readonly ref: string }[];
  readonly bytes: number;
  readonly usedBefore: number;
  readonly usedAfter: number;
}
interface Usage {
  readonly parts: readonly { readonly name: string; readonly count: number; readonly reclaimableBytes: number }[];
}

const container = (name: string, image: string): string =>
  `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${image}", networkMode: none, command: [sleep, "100000"], terminationGracePeriodSeconds: 0}\n`;
const refsOf = async (host: TestHost) => (await host.json<Images>(['image', 'ls'])).items.map(({ ref }) => ref).sort();

function configure(host: TestHost, gc: string): void {
  host.write(
    'config.yaml',
    `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: engine}\nspec: {prefix: ${host.prefix}, reconcile: {interval: 1s}, gc: ${gc}}\n`,
  );
}

/** Four images of 4 MiB in blobs and as much unpacked. */
function bigImages(host: TestHost): readonly string[] {
  const layout = join(host.directory, 'big');
  return ['1', '2', '3', '4'].map((tag) => {
    addImage(layout, {
      tag,
      compress: false,
      layers: [tar([{ name: 'data', content: randomBytes(4 << 20) }])],
      config: { Cmd: ['/data'] },
    });
    return `oci:${layout}:${tag}`;
  });
}

onHost('a disk that fills up loses the oldest unused images and nothing that runs or is stopped', async (host) => {
  const disk = loopDisk(host.stateDir, { type: 'ext4', sizeMiB: 192, make: ['-m', '0'] });
  try {
    const fill = (): number => {
      const { blocks, bfree } = statfsSync(host.stateDir);
      return (blocks - bfree) / blocks;
    };
    const big = bigImages(host);
    configure(host, '{minAge: 0s}');
    const [one, two] = ['1', '2'].map((tag) => `oci:${busyboxLayout()}:${tag}`) as [string, string];
    await host.ok(['apply', '-f', host.write('app.yaml', container('runs', one) + container('stopped', two))]);
    await host.ok(['stop', 'stopped']);
    for (const ref of big) await host.ok(['image', 'pull', ref]);
    const all = await refsOf(host);
    expect(all).toHaveLength(6);
    expect((await host.ok(['gc', '--dry-run'])).stdout).toMatch(/^nothing to collect: .* full, a collection ends at 75%\n$/);

    // Without a daemon, by hand: one image gives back 8 MiB of 192.
    const low = fill() - 5 / 192;
    configure(host, `{high: 99%, low: ${low.toFixed(4)}, minAge: 0s}`);
    const dry = JSON.parse((await host.ok(['gc', '--dry-run', '-o', 'json'], 2)).stdout) as Report;
    expect(dry.images.map(({ ref }) => ref)).toEqual([big[0]]);
    expect(await refsOf(host)).toEqual(all);
    expect((await host.ok(['gc'])).stdout).toMatch(
      /^removed .*:1 {2}4\.2 MB, unused for \d+s\nfreed 8\.\d MB \(3 blobs, 1 unpacked layer\); /,
    );
    expect(await refsOf(host)).toEqual(all.filter((ref) => ref !== big[0]));
    expect(fill()).toBeLessThanOrEqual(low);

    // By the daemon, when something else fills the disk.
    const high = fill() + 10 / 192;
    configure(host, `{high: ${high.toFixed(4)}, low: ${(high - 5 / 192).toFixed(4)}, minAge: 0s}`);
    await host.daemon();
    expect(await host.json<Report>(['gc', '--dry-run'])).toMatchObject({ images: [] });
    writeFileSync(join(host.stateDir, 'filler'), randomBytes(11 << 20));
    await eventually(async () => expect(await refsOf(host)).toEqual(all.filter((ref) => ref !== big[0] && ref !== big[1])));
    await eventually(async () => expect((await host.ok(['events'])).stdout).toMatch(/Collected .* freed, .*:2\n/));
    expect((await host.json<{ items: readonly { phase: string }[] }>(['ps'])).items.map(({ phase }) => phase).sort()).toEqual([
      'exited',
      'running',
    ]);

    const df = async () => (await host.json<Usage>(['df'])).parts.find(({ name }) => name === 'images');
    expect(await df()).toMatchObject({ count: 4 });
    expect((await df())?.reclaimableBytes).toBeGreaterThan(16 << 20);
    await host.ok(['image', 'prune']);
    expect(await df()).toMatchObject({ count: 2, reclaimableBytes: 0 });
    await host.ok(['start', 'stopped']);
    await host.ok(['delete', '--all']);
  } finally {
    disk.remove();
  }
});
