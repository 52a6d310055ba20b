import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createImages } from '../../src/controllers/image/controller.ts';
import { silentLogger } from '../../src/model/log.ts';
import type { ObservedImage } from '../../src/model/observed.ts';
import type { Layers } from '../../src/native/index.ts';

/** What an engine that begins now sees of images below a state directory. */
export async function imagesIn(stateDir: string, layers: Layers): Promise<readonly ObservedImage[]> {
  const images = createImages({ stateDir, layers, log: silentLogger, dockerConfig: null });
  try {
    return await images.controller.observe();
  } finally {
    await images.close();
  }
}

/** Every entry of every layer: path, type, mode, owner, content. */
export function treesOf(images: readonly ObservedImage[]): readonly string[] {
  return images.flatMap((image) =>
    image.layers.flatMap(({ directory, diffId }) =>
      ['.', ...readdirSync(directory, { recursive: true }).map(String).sort()].map((name) => {
        const path = join(directory, name);
        const found = lstatSync(path);
        const content = found.isFile() ? sha256(path) : found.isSymbolicLink() ? readlinkSync(path) : '';
        return `${diffId.slice(7, 15)} ${name} ${found.mode.toString(8)} ${found.uid}:${found.gid} ${found.rdev} ${content}`;
      }),
    ),
  );
}

/** Nothing of a pull that died is left below a state directory: blobs have their digests, trees are whole, nothing is half done. */
export function expectNothingHalf(stateDir: string): void {
  const blobs = join(stateDir, 'content/blobs/sha256');
  for (const name of readdirSync(blobs)) expect(sha256(join(blobs, name))).toBe(name);
  expect(readdirSync(join(stateDir, 'content/ingest'))).toEqual([]);
  const layers = join(stateDir, 'layers');
  expect(readdirSync(layers).filter((name) => !/^[0-9a-f]{64}$/.test(name) || !existsSync(join(layers, name, 'complete')))).toEqual([]);
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
