import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { debianLayers } from '../../../scripts/lib/debian-layers.mjs';
import { addImage, tar } from '../../../scripts/lib/oci-layout.mjs';
import { openNative } from '../../../src/native/index.ts';
import { onHost } from '../../support/e2e.ts';
import { eventually } from '../../support/eventually.ts';
import { packageRoot, type TestHost } from '../../support/host.ts';
import { startRegistry } from '../../support/images.ts';
import { expectNothingHalf, imagesIn, treesOf } from '../../support/trees.ts';

/** Steps of a pull at which the daemon is killed: the nth of these calls in one thread. More of them with the large image, which is for a run by hand. */
const isLarge = process.env.TSDOCK_TEST_LARGE_IMAGE === '1';
const steps: readonly (readonly [calls: string, nth: readonly number[]])[] = [
  ['rename,renameat,renameat2', isLarge ? [1, 5, 9, 14, 20, 25, 32, 40] : [1, 32]],
  ['mkdir,mkdirat', isLarge ? [1, 10, 40, 160, 640] : [2, 30]],
  ['pwrite64', isLarge ? [1, 100, 1000, 3000] : [1]],
  ['fsync,fdatasync,syncfs', isLarge ? [1, 2, 3] : [1]],
];

const title = 'a daemon killed at any step of the pull of 20 layers leaves nothing half, and the next one finishes';
const body = async (host: TestHost): Promise<void> => {
  const registry = await startRegistry(host);
  const ref = registry.push(layoutOf20(host), 'twenty', '1');
  const native = await openNative({
    stateDir: join(host.directory, 'native'),
    runDir: join(host.directory, 'native-run'),
    prefix: 'tsimg',
  });
  try {
    await pullWithNewDaemon(host, ref);
    const reference = treesOf(await imagesIn(host.stateDir, native.layers));
    expect(reference.length).toBeGreaterThan(100);
    let kills = 0;
    for (const [calls, nths] of steps) {
      for (const nth of nths) {
        for (const name of ['content', 'layers']) rmSync(join(host.stateDir, name), { recursive: true });
        if (!(await pullKilledAt(host, ref, calls, nth))) continue;
        kills++;
        for (const image of await imagesIn(host.stateDir, native.layers)) {
          expect(image.unpacked).toBe(true);
          expect(treesOf([image])).toEqual(reference);
        }
        await pullWithNewDaemon(host, ref);
        expect(treesOf(await imagesIn(host.stateDir, native.layers))).toEqual(reference);
        expectNothingHalf(host.stateDir);
      }
    }
    expect(kills).toBeGreaterThanOrEqual(steps.length);
  } finally {
    await native.close();
  }
};
onHost(title, body, { timeout: isLarge ? 3_600_000 : 600_000 });

async function pullWithNewDaemon(host: TestHost, ref: string): Promise<void> {
  const daemon = await host.daemon();
  await host.ok(['image', 'pull', ref, '--timeout', '60s']);
  daemon.kill('SIGTERM');
  await eventually(() => expect(daemon.exitCode ?? daemon.signalCode).not.toBeNull());
}

/** False when the pull was through before. */
async function pullKilledAt(host: TestHost, ref: string, calls: string, nth: number): Promise<boolean> {
  const daemon = await host.daemon(); // nsenter has been replaced by it
  const hit = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${nth}`];
  const strace = spawn('strace', [...hit, '-p', String(daemon.pid)], { stdio: 'ignore' });
  const traced = new Promise((resolve) => strace.once('exit', resolve));
  await eventually(() => expect(readFileSync(`/proc/${daemon.pid}/status`, 'utf8')).toMatch(/^TracerPid:\s+[1-9]/m));
  const { code } = await host.tsdock(['image', 'pull', ref]);
  const wasKilled = code !== 0;
  if (!wasKilled) strace.kill('SIGINT');
  await traced;
  if (!wasKilled) daemon.kill('SIGTERM');
  await eventually(() => expect(daemon.exitCode ?? daemon.signalCode).not.toBeNull());
  return wasKilled;
}

/** An OCI layout, tag `1`. The large one has a system, 19 steps of Debian packages and about 1 GB; the small one 20 layers of some files each. */
function layoutOf20(host: TestHost): string {
  if (!isLarge) {
    const layout = join(host.directory, 'twenty');
    const layers = Array.from({ length: 20 }, (_, layer) =>
      tar([
        { name: `layer-${layer}`, type: 'directory' },
        ...Array.from({ length: 8 }, (_, file) => ({ name: `layer-${layer}/${file}`, content: randomBytes(40_000) })),
      ]),
    );
    addImage(layout, { tag: '1', layers });
    return layout;
  }
  const layout = join(packageRoot, '.cache', 'images', 'twenty-large');
  if (!existsSync(layout)) {
    const tars = debianLayers(join(packageRoot, '.cache', 'images', 'twenty-large-layers'), largeSteps);
    addImage(`${layout}.new`, { tag: '1', layers: tars.map((path) => readFileSync(path)) });
    execFileSync('mv', [`${layout}.new`, layout]);
  }
  expect(readdirSync(join(layout, 'blobs', 'sha256')).length).toBeGreaterThanOrEqual(22);
  return layout;
}

const largeSteps = [
  ['python3'],
  ['perl'],
  ['git'],
  ['gcc'],
  ['g++'],
  ['make'],
  ['vim'],
  ['nginx-light'],
  ['curl'],
  ['openssh-client'],
  ['ruby'],
  ['php-cli'],
  ['sqlite3'],
  ['postgresql-client'],
  ['golang-go'],
  ['lua5.4'],
  ['gdb'],
  ['imagemagick'],
  ['tcl'],
] as const;
