import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import type { PullProgress } from '../../../src/controllers/image/pull.ts';
import { type ServedLayout, serveLayout } from '../../../src/controllers/image/serve.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { createFakeLayers, type FakeLayers } from '../../support/fake-layers.ts';
import { type BuiltImage, buildLayout } from '../../support/image-builder.ts';

const noProgress = { signal: new AbortController().signal, report: () => undefined };

describe('an image from a served layout', () => {
  let root: string;
  let served: ServedLayout;
  let layers: FakeLayers;
  let images: Images;
  let built: readonly BuiltImage[];

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'tsdock-image-'));
    built = buildLayout(join(root, 'layout'), [
      {
        name: '1',
        run: { Env: ['A=b'], Cmd: ['/server'], User: 'www' },
        layers: [
          {
            entries: [
              { name: 'etc/', type: 'directory' },
              { name: 'etc/motd', content: 'hello\n' },
            ],
          },
          { entries: [{ name: 'server', content: 'binary', mode: 0o755 }], compression: 'none' },
        ],
      },
    ]);
    served = await serveLayout({ directory: join(root, 'layout'), repository: 'demo/web' });
    layers = createFakeLayers();
    images = createImages({ stateDir: join(root, 'state'), layers, log: silentLogger, dockerConfig: null });
  });
  afterEach(async () => {
    await images.close();
    await served.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('is observed with its config and unpacked layers after one pull', async () => {
    const ref = `${served.host}/demo/web:1`;
    const item = await images.pull(ref, noProgress);
    expect(item).toMatchObject({ ref, digest: built[0]?.manifest.digest, configDigest: built[0]?.config.digest, layers: 2, sizeBytes: 12 });
    const [observed] = await images.controller.observe();
    expect(observed).toMatchObject({ key: `Image/_/${ref}`, ref, unpacked: true, platform: expect.stringMatching(/^linux\//) });
    expect(observed?.config).toMatchObject({ env: ['A=b'], cmd: ['/server'], user: 'www' });
    expect(observed?.layers.map((layer) => layer.diffId)).toEqual(built[0]?.layers.map((layer) => layer.diffId));
    expect(readFileSync(join(observed?.layers[0]?.directory ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
    expect(layers.syncs(), 'the trees, then their markers').toBe(2);
  });

  test('tells all that is to come before the first byte, and nothing of layers that are here', async () => {
    const ref = `${served.host}/demo/web:1`;
    const reports: PullProgress[] = [];
    const options = { ...noProgress, report: (progress: PullProgress) => reports.push(progress) };
    await images.pull(ref, options);
    const [one, two] = (built[0]?.layers ?? []).map(({ size }, i) => ({ part: `layer ${i + 1} of 2`, total: size }));
    expect(reports.slice(0, 3)).toEqual([
      { part: ref, stage: 'resolve', done: 0, total: null },
      { ...one, stage: 'wait', done: 0 },
      { ...two, stage: 'wait', done: 0 },
    ]);
    for (const layer of [one, two]) expect(reports).toContainEqual({ ...layer, stage: 'download', done: layer?.total });
    await images.pull(ref, options);
    expect(reports.filter(({ stage }) => stage === 'wait')).toHaveLength(2);
  });
});
