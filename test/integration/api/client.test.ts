import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../../src/api/client.ts';
import type { ApplyOptions, EngineApi, Progress, WaitOptions } from '../../../src/model/engine-api.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import type { Event } from '../../../src/model/event.ts';
import { serve } from '../../support/api.ts';
import { applied, emptyPlan, event, fakeEngine, image, instance, progress, resource, snapshot } from '../../support/fake-engine.ts';
import { scratch } from '../../support/scratch.ts';

const waiting = (fields: Partial<WaitOptions> = {}): WaitOptions => ({
  actor: 'cli',
  wait: true,
  timeoutMs: 1_000,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...fields,
});

const applying = (fields: Partial<ApplyOptions> = {}): ApplyOptions => ({
  ...waiting(fields),
  takeOwnership: false,
  force: false,
  maxDelete: 0.3,
  ...fields,
});

const clientOf = async (overrides: Partial<EngineApi>) => createClient((await serve(fakeEngine(overrides))).socket);

test('everything an engine answers comes through unchanged', async () => {
  const client = await clientOf({});
  expect(await client.resources({ kind: null, namespace: null, name: null })).toEqual([resource]);
  expect(await client.resources({ kind: 'Volume', namespace: null, name: null })).toEqual([]);
  expect(await client.instances({ namespace: 'shop' })).toEqual([instance]);
  expect(await client.images()).toEqual([image]);
  expect(await client.plan([snapshot])).toEqual(emptyPlan);
  expect(await client.sets()).toEqual(await fakeEngine().sets());
  expect(await client.info()).toEqual(await fakeEngine().info());
  expect(await client.remove(['Container/shop/web'], { ...waiting(), cascade: false, force: false, retained: 'refuse' })).toEqual(applied);
});

test('what commands about images answer comes through unchanged', async () => {
  const client = await clientOf({});
  const engine = fakeEngine();
  const options = { olderThanMs: 3_600_000, dryRun: true };
  expect(await client.imageHistory(image.ref)).toEqual(await engine.imageHistory(image.ref));
  expect(await client.tagImage(image.ref, 'registry.test/web:stable', { replace: true })).toEqual({
    ...image,
    ref: 'registry.test/web:stable',
  });
  expect(await client.pruneImages(options)).toEqual(await engine.pruneImages(options));
  for (const dryRun of [true, false]) expect(await client.collectGarbage({ dryRun })).toEqual(await engine.collectGarbage({ dryRun }));
  expect(await client.diskUsage()).toEqual(await engine.diskUsage());
  const verify = { repair: true, signal: new AbortController().signal, onProgress: () => undefined };
  expect(await client.verifyImages([], verify)).toEqual(await engine.verifyImages([], verify));
});

/** Much more than any buffer on the way holds. */
async function* manyBytes(): AsyncGenerator<Uint8Array, void, undefined> {
  for (let i = 0; i < 300; i++) yield Buffer.alloc(64 * 1024, i);
}

const loading = () => ({
  label: 'image.tar',
  as: null,
  replace: false,
  signal: new AbortController().signal,
  onProgress: () => undefined,
});

test('archives of any length go out and in', async () => {
  const client = await clientOf({ saveImages: () => manyBytes() });
  let bytes = 0;
  for await (const piece of client.saveImages(['a', 'b'], { format: 'docker', signal: new AbortController().signal }))
    bytes += piece.byteLength;
  expect(bytes).toBe(300 * 64 * 1024);
  expect(await client.loadImages(manyBytes(), loading())).toEqual([{ ...image, ref: `image.tar:${bytes}` }]);
});

test('an archive that is refused is read no further, and one that breaks off is no archive', async () => {
  const missing = new TsdockError('IMG032', { message: 'layer 1 of app:1 is missing' });
  const client = await clientOf({
    saveImages: async function* () {
      yield Buffer.alloc(1000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw missing;
    },
    loadImages: async () => {
      throw new TsdockError('IMG031', { message: 'image.tar is another image' });
    },
  });
  const read = async (from: EngineApi): Promise<void> => {
    for await (const _piece of from.saveImages(['a'], { format: 'oci', signal: new AbortController().signal }));
  };
  await expect(read(client)).rejects.toMatchObject({ code: 'CLI001' });
  await expect(client.loadImages(manyBytes(), loading())).rejects.toMatchObject({ code: 'IMG031' });
  const broken = new TsdockError('CLI011', { message: 'image.tar: cannot be read' });
  async function* breaks(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.alloc(10);
    throw broken;
  }
  await expect((await clientOf({})).loadImages(breaks(), loading())).rejects.toBe(broken);
  const refusing = await clientOf({
    // biome-ignore lint/correctness/useYield: it refuses before the first piece
    saveImages: async function* () {
      throw missing;
    },
  });
  await expect(read(refusing)).rejects.toMatchObject({ code: 'IMG032', message: missing.message });
});

test('snapshots and options arrive as they were given', async () => {
  const seen: unknown[] = [];
  const client = await clientOf({
    apply: async (snapshots, { signal: _signal, onProgress: _onProgress, ...options }) => {
      seen.push(snapshots, options);
      return applied;
    },
  });
  await client.apply([snapshot], applying({ takeOwnership: true, maxDelete: 0.5, wait: false }));
  expect(seen).toEqual([[snapshot], { actor: 'cli', wait: false, timeoutMs: 1_000, takeOwnership: true, force: false, maxDelete: 0.5 }]);
});

test('progress is reported in order, then the result', async () => {
  const client = await clientOf({});
  const seen: Progress[] = [];
  const result = await client.apply([snapshot], applying({ onProgress: (line) => seen.push(line) }));
  expect(seen).toEqual([progress({ state: 'started' }), progress()]);
  expect(result).toEqual(applied);
});

test('a failure keeps code, hint, key and diagnostics', async () => {
  const diagnostics = [
    { severity: 'error', code: 'SCH001', message: 'unknown field "x" in spec', hint: null, file: 'a.yaml', line: 7, column: 3 },
  ] as const;
  const client = await clientOf({
    apply: async () => {
      throw new TsdockError('MANIFEST', { message: '1 of 1 files is invalid', hint: 'mend it', key: 'Container/shop/web', diagnostics });
    },
  });
  const failure = await client.apply([snapshot], applying()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TsdockError);
  expect(failure).toMatchObject({
    code: 'MANIFEST',
    message: '1 of 1 files is invalid',
    hint: 'mend it',
    key: 'Container/shop/web',
    diagnostics,
  });
});

test('an aborted wait ends the request and tells the engine', async () => {
  let left = () => undefined as unknown;
  const told = new Promise((resolve) => {
    left = () => resolve('left');
  });
  const client = await clientOf({
    apply: (_snapshots, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          left();
          reject(signal.reason);
        });
      }),
  });
  const controller = new AbortController();
  const failure = client.apply([snapshot], applying({ signal: controller.signal })).catch((error: unknown) => error);
  setTimeout(() => controller.abort(), 20);
  expect(await failure).toMatchObject({ code: 'ABORTED' });
  expect(await told).toBe('left');
});

test('no daemon is CLI001 with the reason', async () => {
  const socket = join(scratch(), 'tsdock.sock');
  await expect(createClient(socket).info()).rejects.toMatchObject({ code: 'CLI001', message: `no daemon on ${socket} (no such socket)` });
});

test('a daemon that stops in the middle of a stream is CLI001, not an end', async () => {
  const { socket, server } = await serve(
    fakeEngine({
      events: async function* ({ signal }) {
        yield event(1);
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    }),
  );
  const seen: Event[] = [];
  const reading = (async () => {
    for await (const line of createClient(socket).events({ since: 0, follow: true, signal: new AbortController().signal })) {
      seen.push(line);
      void server.close(50);
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'CLI001' });
  expect(seen).toEqual([event(1)]);
});

test('a reader that falls behind loses progress of running actions only, and never holds up the engine', async () => {
  let reported = 0;
  const client = await clientOf({
    pullImage: async (_ref, { onProgress }) => {
      onProgress(progress({ state: 'started' }));
      for (; reported < 100_000; reported += 1) onProgress(progress({ state: 'running', done: reported }));
      onProgress(progress({ state: 'done' }));
      return image;
    },
  });
  const seen: Progress[] = [];
  const result = await client.pullImage('registry.test/web:2', {
    signal: new AbortController().signal,
    onProgress: (line) => {
      seen.push(line);
    },
  });
  expect(result).toEqual(image);
  expect(seen.at(0)?.state).toBe('started');
  expect(seen.at(-1)?.state).toBe('done');
  expect(seen.at(-2)?.done).toBe(99_999);
  expect(seen.length).toBeLessThan(1_000);
});
