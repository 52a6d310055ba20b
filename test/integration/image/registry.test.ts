import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type ImageOptions, type Images } from '../../../src/controllers/image/controller.ts';
import { defaultHttpLimits } from '../../../src/controllers/image/http.ts';
import { RegistryError, TsdockError } from '../../../src/model/errors.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { createFakeLayers, type FakeLayers } from '../../support/fake-layers.ts';
import { type BuiltImage, buildImage, descriptor, hostArchitecture, type ImagePlan, sha256, toBlob } from '../../support/image-builder.ts';
import { type Answer, type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

const http = { ...defaultHttpLimits, connectMs: 5000, headersMs: 10_000, stallMs: 10_000, stallBytes: 1024 };
/** For tests whose registry never goes on. */
const impatient = { http: { ...http, headersMs: 500, stallMs: 500 }, tries: 3, firstWaitMs: 5 };
const indexType = 'application/vnd.oci.image.index.v1+json';

let root: string;
let registry: ScriptedRegistry;
let layers: FakeLayers;
let open: Images[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-registry-'));
  registry = await startScriptedRegistry();
  layers = createFakeLayers();
  open = [];
});
afterEach(async () => {
  for (const images of open) await images.close();
  await registry.close();
  rmSync(root, { recursive: true, force: true });
});

function images(options: Partial<ImageOptions> = {}): Images {
  const made = createImages({
    stateDir: join(root, 'state'),
    layers,
    log: silentLogger,
    dockerConfig: null,
    registry: { http, tries: 3, firstWaitMs: 5 },
    ...options,
  });
  open.push(made);
  return made;
}

const plan: ImagePlan = {
  name: '1',
  layers: [
    { entries: [{ name: 'a', content: randomBytes(200_000) }], compression: 'none' },
    { entries: [{ name: 'b', content: 'small' }] },
  ],
};

function publish(plan_: ImagePlan = plan): BuiltImage {
  const image = buildImage(plan_);
  registry.publish('team/app', '1', image);
  return image;
}

const ref = (): string => `${registry.host}/team/app:1`;

async function pull(from: Images = images(), name: string = ref(), signal: AbortSignal = new AbortController().signal): Promise<unknown> {
  return from.pull(name, { signal, report: () => undefined });
}

async function failure(promise: Promise<unknown>): Promise<TsdockError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TsdockError) return error;
  throw new Error(`no TsdockError: ${String(error)}`);
}

/** Nothing of a failed pull may be visible: no reference, no blob of these digests, no tree of these diff ids. */
function expectNothingVisible(digests: readonly string[], diffIds: readonly string[] = []): void {
  const state = join(root, 'state');
  const names = (path: string): readonly string[] => (existsSync(join(state, path)) ? readdirSync(join(state, path)) : []);
  expect(names('content/refs')).toEqual([]);
  for (const digest of digests) expect(names('content/blobs/sha256')).not.toContain(digest.slice(7));
  for (const diffId of diffIds) expect(names('layers')).not.toContain(diffId.slice(7));
  expect(names('layers').filter((name) => name.startsWith('tmp-'))).toEqual([]);
}

describe('a blob that comes in pieces', () => {
  test('must go on where it was cut, not from the beginning', async () => {
    const [layer] = publish().layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', cutAt: 100_000 }]);
    await pull();
    const [first, second, ...more] = registry.requestsOf(path);
    expect(first?.headers.range).toBeUndefined();
    const from = Number(/^bytes=(\d+)-$/.exec(second?.headers.range ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(100_000);
    expect(more).toEqual([]);
  });

  test('must go on after the engine was killed, with what it kept', async () => {
    const [layer] = publish().layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', stallAt: 65_536 }]);
    const killed = new AbortController();
    const first = pull(images(), ref(), killed.signal);
    await expect.poll(() => registry.requestsOf(path).length).toBe(1);
    await expect.poll(() => readdirSync(join(root, 'state/content/ingest')).length).toBeGreaterThan(0);
    killed.abort();
    await expect(first).rejects.toThrow();
    await pull(images());
    expect(registry.requestsOf(path).at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test.each([
    ['the range is ignored', { status: 200 }],
    ['the range is refused with 416', { status: 416 }],
  ])('must be read from the beginning when %s', async (_, { status }) => {
    const [layer] = publish().layers;
    const bytes = layer?.bytes ?? new Uint8Array();
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, [
      { headers: { 'content-length': String(bytes.byteLength) }, body: bytes, cutAt: 70_000 },
      status === 200 ? { headers: { 'content-length': String(bytes.byteLength) }, body: bytes } : { status: 416 },
    ]);
    await pull();
    expect(layers.unpacked.length).toBe(2);
  });

  test('must give up with what it got when every connection is cut', async () => {
    const image = publish();
    const [layer] = image.layers;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({
      headers: { 'content-length': String(layer?.size) },
      body: '',
      cutAt: 0,
    }));
    const error = await failure(pull());
    expect(error.code).toBe('REG011');
    expect(error.message).toMatch(/3 tries in/);
    expectNothingVisible([layer?.digest ?? '']);
  });

  test.each([
    ['stalls', { stallAt: 30_000 }],
    ['trickles', { trickleMs: 20 }],
  ])('must be given up and asked for again when it %s', async (_, behaviour) => {
    const [layer] = publish().layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', ...behaviour }]);
    await pull(images({ registry: impatient }));
    expect(registry.requestsOf(path).length).toBe(2);
  });

  test.each([0, 1, 65_535, 65_536, 131_072, 199_999])(
    'must come out whole when it is cut at byte %i, with and without a length',
    async (cutAt) => {
      const image = publish();
      const [layer] = image.layers;
      const path = `/v2/team/app/blobs/${layer?.digest}`;
      const body = layer?.bytes ?? '';
      registry.script(path, [
        { headers: { 'content-length': String(layer?.size) }, body, cutAt },
        { body, cutAt },
      ]);
      await pull(images({ registry: { http, tries: 4, firstWaitMs: 1 } }));
      expect(registry.requestsOf(path).length).toBe(3);
      expect(layers.unpacked.length).toBe(2);
    },
  );

  test('must come out right when the server says another ETag in between: the digest decides', async () => {
    const [layer] = publish().layers;
    const bytes = Buffer.from(layer?.bytes ?? '');
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, (request, nth) => {
      const headers = { etag: `"${nth}"`, 'content-length': String(bytes.length) };
      if (nth === 0) return { headers, body: bytes, cutAt: 90_000 };
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (start === 0) return { headers, body: bytes };
      const rest = nth === 1 ? Buffer.alloc(bytes.length - start, 7) : bytes.subarray(start); // other content under the new ETag
      const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`, 'content-length': String(rest.length) };
      return { status: 206, headers: { etag: `"${nth}"`, ...range }, body: rest };
    });
    await pull();
    expect(registry.requestsOf(path).map((request) => request.headers.range)).toEqual([undefined, expect.any(String), undefined]);
  });

  test('a range nobody asked for is refused', async () => {
    const [layer] = publish().layers;
    const bytes = Buffer.from(layer?.bytes ?? '');
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, (_, nth) =>
      nth === 0
        ? { headers: { 'content-length': String(bytes.length) }, body: bytes, cutAt: 1000 }
        : { status: 206, headers: { 'content-range': `bytes 150000-199999/200000` }, body: bytes.subarray(150_000) },
    );
    const error = await failure(pull());
    expect(error.code).toBe('REG020');
    expect(error.message).toContain('answers a range from');
  });

  test('must stop at once when the pull is cancelled', async () => {
    const [layer] = publish().layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', stallAt: 30_000 }]);
    const cancel = new AbortController();
    const pulling = pull(images({ registry: { http: { ...http, stallMs: 60_000 }, tries: 3, firstWaitMs: 5 } }), ref(), cancel.signal);
    await expect.poll(() => registry.requestsOf(path).length).toBe(1);
    cancel.abort();
    await expect(pulling).rejects.toThrow(/abort/i);
  });
});

describe('content that is not what its digest says', () => {
  test('a wrong blob of the right length must never become visible, and is asked for at most twice', async () => {
    const image = publish();
    const [layer] = image.layers;
    const wrong = Buffer.from(layer?.bytes ?? '');
    wrong[5000] = (wrong[5000] ?? 0) ^ 1;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, () => ({ headers: { 'content-length': String(wrong.length) }, body: wrong }));
    const error = await failure(pull());
    expect(error.code).toBe('REG010');
    expect(error.message).toBe(
      `layer 1 of 2 from ${registry.host} does not match: expected ${layer?.digest.slice(0, 19)}.., got ${sha256(wrong).slice(0, 19)}.. (${wrong.length} bytes); nothing was installed`,
    );
    expect(registry.requestsOf(path).length).toBe(2);
    expectNothingVisible([layer?.digest ?? '']);
  });

  test('a blob that was damaged on the way must come right at the second try', async () => {
    const [, layer] = publish().layers;
    const wrong = Buffer.alloc(layer?.size ?? 0, 7); // no gzip either: the sink refuses it first
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(wrong.length) }, body: wrong }]);
    await pull();
    expect(registry.requestsOf(path).length).toBe(2);
  });

  test.each([
    ['longer', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.from('x')])],
    ['shorter', (bytes: Uint8Array) => Buffer.from(bytes.subarray(1))],
  ])('a blob that is %s than its descriptor is refused by its length', async (_, change) => {
    const [layer] = publish().layers;
    const body = change(layer?.bytes ?? new Uint8Array());
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ headers: { 'content-length': String(body.length) }, body }));
    const error = await failure(pull());
    expect(error.code).toBe('REG010');
    expect(error.message).toContain(`sends ${body.length} bytes`);
  });

  test('a blob without a length must be cut off at the size of its descriptor', async () => {
    const [layer] = publish().layers;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ endless: true }));
    const error = await failure(pull());
    expect(error.code).toBe('REG010');
    expect(error.message).toContain(`more than the ${layer?.size} bytes`);
  });

  test('a config that does not match is refused', async () => {
    const image = publish();
    registry.script(`/v2/team/app/blobs/${image.config.digest}`, () => ({ body: Buffer.alloc(image.config.size, 0x20) }));
    expect((await failure(pull())).code).toBe('REG010');
    expectNothingVisible([image.config.digest]);
  });

  test('a manifest asked by digest must have it, whatever the header says', async () => {
    const image = publish();
    registry.script(`/v2/team/app/manifests/${image.manifest.digest}`, () => ({
      headers: { 'content-type': image.manifest.mediaType, 'docker-content-digest': image.manifest.digest },
      body: `${Buffer.from(image.manifest.bytes).toString()} `,
    }));
    expect((await failure(pull(images(), `${registry.host}/team/app@${image.manifest.digest}`))).code).toBe('REG010');
  });

  test('a manifest whose Docker-Content-Digest lies is refused', async () => {
    const image = publish();
    registry.script('/v2/team/app/manifests/1', () => ({
      headers: { 'content-type': image.manifest.mediaType, 'docker-content-digest': sha256(Buffer.from('other')) },
      body: image.manifest.bytes,
    }));
    expect((await failure(pull())).code).toBe('REG010');
  });

  test('an encoded blob is refused: decoding twice is how bombs are built', async () => {
    const [layer] = publish().layers;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ headers: { 'content-encoding': 'gzip' }, body: layer?.bytes ?? '' }));
    const error = await failure(pull());
    expect(error.code).toBe('REG020');
    expect(error.message).toContain('Content-Encoding "gzip"');
  });

  test('a layer whose content differs from the diff id of the config is refused', async () => {
    const good = buildImage(plan);
    const config = toBlob(
      Buffer.from(
        JSON.stringify({
          os: 'linux',
          architecture: hostArchitecture,
          config: {},
          rootfs: { diff_ids: [good.layers[1]?.diffId, good.layers[0]?.diffId] },
        }),
      ),
      good.config.mediaType,
    );
    const manifest = toBlob(
      Buffer.from(JSON.stringify({ schemaVersion: 2, config: descriptor(config), layers: good.layers.map(descriptor) })),
      good.manifest.mediaType,
    );
    registry.publish('team/app', '1', { ...good, config, manifest });
    const error = await failure(pull());
    expect(error.code).toBe('IMG022');
    expect(error.message).toMatch(/layer \d of 2 unpacks to sha256:.*the image config says sha256:/);
    expectNothingVisible(
      [],
      good.layers.map((layer) => layer.diffId),
    );
  });

  test('a layer whose media type names another compression is refused', async () => {
    const good = buildImage(plan);
    const manifest = toBlob(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          config: descriptor(good.config),
          layers: good.layers.map((layer) => ({ ...descriptor(layer), mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' })),
        }),
      ),
      good.manifest.mediaType,
    );
    registry.publish('team/app', '1', { ...good, manifest });
    const error = await failure(pull());
    expect(error.code).toBe('IMG022');
    expect(error.message).toMatch(/its media type says zstd/);
  });

  test.each([
    ['E_LAYER_BYTES', 'IMG020', [{ name: 'zeros', content: Buffer.alloc(3 << 20) }]],
    ['E_LAYER_ESCAPE', 'IMG021', [{ name: 'lib/../../etc/cron.d/x', content: 'x' }]],
    ['E_LAYER_FORMAT', 'IMG022', null],
  ] as const)('a layer the sink refuses with %s is %s', async (_, code, entries) => {
    const image = buildImage({ name: '1', layers: [{ entries: entries ?? [] }] });
    registry.publish('team/app', '1', entries === null ? withLayer(image, Buffer.from('1f8b0800000000000003ffff', 'hex')) : image);
    const error = await failure(pull(images({ layerLimits: { maxBytes: 1 << 20, maxEntries: 100 } })));
    expect(error.code).toBe(code);
    expect(error.message).toContain('layer 1 of 1');
    expectNothingVisible(
      [],
      image.layers.map((layer) => layer.diffId),
    );
  });
});

function withLayer(image: BuiltImage, bytes: Uint8Array): BuiltImage {
  const layer = { ...toBlob(bytes, 'application/vnd.oci.image.layer.v1.tar+gzip'), diffId: sha256(bytes) };
  const config = toBlob(
    Buffer.from(JSON.stringify({ os: 'linux', architecture: hostArchitecture, config: {}, rootfs: { diff_ids: [layer.diffId] } })),
    image.config.mediaType,
  );
  const manifest = toBlob(
    Buffer.from(JSON.stringify({ schemaVersion: 2, config: descriptor(config), layers: [descriptor(layer)] })),
    image.manifest.mediaType,
  );
  return { ...image, layers: [layer], config, manifest };
}

describe('a registry that is ill', () => {
  test('server errors and resets must be outlived', async () => {
    const image = publish();
    registry.script('/v2/team/app/manifests/1', [{ status: 503 }, { reset: true }]);
    registry.script(`/v2/team/app/blobs/${image.layers[0]?.digest}`, [{ status: 500 }, { status: 502 }]);
    await pull();
    expect(registry.requestsOf('/v2/team/app/manifests/1').length).toBe(3);
  });

  test('an image of 60 layers must finish though each answer fails with probability 0.3', async () => {
    const many = publish({
      name: '1',
      layers: Array.from({ length: 60 }, (_, i) => ({ entries: [{ name: `file-${i}`, content: `content ${i}` }] })),
    });
    let state = 1;
    const dice = (): boolean => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647 < 0.3;
    };
    for (const blob of [many.config, ...many.layers])
      registry.script(`/v2/team/app/blobs/${blob.digest}`, () => (dice() ? { status: 503 } : null));
    await pull(images({ registry: { http, tries: 12, firstWaitMs: 1 } }));
    expect(layers.unpacked.length).toBe(60);
  });

  test('lasting server errors end in one line with status, tries and time', async () => {
    publish();
    registry.script('/v2/team/app/manifests/1', () => ({ status: 503 }));
    const error = await failure(pull());
    expect(error.code).toBe('REG503');
    expect(error.message).toMatch(new RegExp(`^${registry.host} answered 503 \\(3 tries in \\d+(?:ms|s)\\)$`));
    expect(registry.requestsOf('/v2/').length).toBe(3);
  });

  test('a registry that accepts and never answers is given up', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ silent: true }));
    const error = await failure(pull(images({ registry: impatient })));
    expect(error.code).toBe('REG012');
    expect(error.message).toContain('no answer from');
  });

  test('a registry that is not there is one line', async () => {
    const error = await failure(pull(images(), '127.0.0.1:1/team/app:1'));
    expect(error.code).toBe('REG030');
    expect(error.message).toMatch(/^cannot connect to 127\.0\.0\.1:1: connection refused \(ECONNREFUSED\) \(3 tries in/);
  });

  test.each([
    ['seconds', () => '90', 90_000],
    ['a date', () => new Date(1_800_000_120_000).toUTCString(), 120_000],
    ['far more than an hour', () => '999999', 3_600_000],
  ])('a limit with Retry-After in %s names the next try and leaves the host alone until then', async (_, header, expectedMs) => {
    let now = 1_800_000_000_000;
    publish();
    registry.script('/v2/team/app/manifests/1', [{ status: 429, headers: { 'retry-after': header(), 'ratelimit-limit': '100;w=21600' } }]);
    const from = images({ now: () => now });
    const error = await failure(pull(from));
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ code: 'REG429', status: 429, retryAt: now + expectedMs });
    expect(error.message).toContain('limits pulls: 100 per 6h used; next try in ');
    expect((await failure(pull(from))).code).toBe('REG429');
    expect(registry.requests.length).toBe(1);
    now += expectedMs + 1;
    await pull(from);
  });

  test('a limit without Retry-After still says when', async () => {
    publish();
    registry.script('/v2/team/app/manifests/1', [{ status: 429 }]);
    const error = await failure(pull());
    expect((error as RegistryError).retryAt).toBeGreaterThan(Date.now() + 30_000);
  });

  test('a captive portal is recognised', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<html>log in</html>',
    }));
    const error = await failure(pull());
    expect(error.code).toBe('REG020');
    expect(`${error.message}; hint: ${error.hint}`).toBe(
      `${registry.host} answered text/html instead of a manifest; hint: a login page or proxy is in between`,
    );
  });

  test.each([
    ['endless', { endless: true, headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' } }],
    ['with a huge length', { headers: { 'content-length': String(2 ** 53) }, endless: true }],
  ])('a manifest %s is cut off at its bound', async (_, answer) => {
    registry.script('/v2/team/app/manifests/1', () => answer);
    const error = await failure(pull());
    expect(error.code).toBe('REG020');
    expect(error.message).toContain('longer than 4194304 bytes');
  });

  test('a token without end is cut off at its bound', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` },
    }));
    registry.script('/token', () => ({ endless: true }));
    expect(await failure(pull())).toMatchObject({ code: 'REG020', message: expect.stringContaining('token from') });
  });

  test('an error text without end is cut off', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ status: 403, endless: true }));
    expect((await failure(pull())).code).toBe('REG403');
  });

  test('headers that come one byte at a time are given up', async () => {
    const drip = createServer((socket) => {
      socket.on('error', () => undefined);
      const timer = setInterval(() => socket.write('x'), 20);
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', () => resolve()));
    try {
      const host = `127.0.0.1:${(drip.address() as AddressInfo).port}`;
      const error = await failure(pull(images({ registry: { ...impatient, tries: 1 } }), `${host}/team/app:1`));
      expect(`${error.code} ${error.message}`).toMatch(/^REG012 no answer from .* for 500 ms/);
    } finally {
      drip.close();
    }
  });

  test('headers without end are cut off', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ headers: { 'x-much': 'y'.repeat(64 * 1024) } }));
    const error = await failure(pull());
    expect(error.code).toBe('REG020');
    expect(error.message).toContain('headers of more than 32 KiB');
  });
});

describe('something that is not there', () => {
  test('a missing tag names the near ones', async () => {
    publish();
    registry.publishManifest('team/app', 'tags', buildImage(plan).manifest);
    registry.script('/v2/team/app/tags/list', () => ({ body: JSON.stringify({ tags: ['1.27', '1.28', '1.29', 'bookworm'] }) }));
    const error = await failure(pull(images(), `${registry.host}/team/app:1.99`));
    expect(`${error.code} ${error.message}; hint: ${error.hint}`).toBe(
      `REG404 ${registry.host}/team/app has no tag "1.99"; hint: nearest are 1.29, 1.28, 1.27`,
    );
  });

  test('a missing repository is told apart', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }));
    expect((await failure(pull())).message).toBe(`${registry.host} has no repository "team/app"`);
  });

  test('a missing blob behind a good manifest is told apart', async () => {
    const [layer] = publish().layers;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ status: 404 }));
    const error = await failure(pull());
    expect(error.code).toBe('REG404');
    expect(error.message).toBe(`${registry.host} has the manifest of ${ref()} but not its blob ${layer?.digest}`);
  });
});

describe('an index', () => {
  const other = { os: 'linux', architecture: 'riscv64' };
  const publishIndex = (entries: readonly unknown[], name = '1'): ReturnType<typeof toBlob> => {
    const blob = toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: entries })), indexType);
    registry.publishManifest('team/app', name, blob);
    return blob;
  };

  test('must lead to the image for this host, through nested ones', async () => {
    const mine = buildImage(plan);
    registry.publish('team/app', 'unused', mine);
    const foreign = buildImage({ ...plan, platform: other });
    registry.publish('team/app', 'unused2', foreign);
    const inner = publishIndex([{ ...descriptor(mine.manifest), platform: { os: 'linux', architecture: hostArchitecture } }], 'inner');
    const top = publishIndex([{ ...descriptor(foreign.manifest), platform: other }, descriptor(inner)]);
    expect(await pull()).toMatchObject({ digest: mine.manifest.digest });
    expect(registry.requestsOf(`/v2/team/app/manifests/${foreign.manifest.digest}`)).toEqual([]);
    const again = await images().controller.observe();
    expect(again[0]).toMatchObject({ digest: mine.manifest.digest, unpacked: true });
    expect(top.digest).not.toBe(mine.manifest.digest);
  });

  test('without this platform names what there is', async () => {
    publishIndex([
      { ...descriptor(buildImage(plan).manifest), platform: other },
      { ...descriptor(buildImage({ ...plan, name: 'w' }).manifest), platform: { os: 'windows', architecture: 'amd64' } },
      { ...descriptor(buildImage({ ...plan, run: { User: 'x' } }).manifest), platform: { os: 'unknown', architecture: 'unknown' } },
    ]);
    const error = await failure(pull(images({ host: { os: 'linux', architecture: 'amd64', variant: null } })));
    expect(error.code).toBe('IMG010');
    expect(error.message).toBe(`${registry.host}: image has linux/riscv64 and windows/amd64, not linux/amd64 (this host)`);
  });

  test('a single image for another platform is refused by its config', async () => {
    registry.publish('team/app', '1', buildImage({ ...plan, platform: other }));
    expect((await failure(pull())).code).toBe('IMG010');
  });

  test('that leads to itself ends', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ headers: { 'content-type': indexType }, body: nested(12) }));
    for (let depth = 0; depth < 12; depth++) publishIndex([descriptor(indexAt(depth - 1))], `n${depth}`);
    const error = await failure(pull());
    expect(error.code).toBe('IMG022');
    expect(error.message).toContain('nested deeper than 4');
  });

  /** An index that leads to another one, `depth` times. */
  function indexAt(depth: number): ReturnType<typeof toBlob> {
    const manifests = depth < 0 ? [descriptor(buildImage(plan).manifest)] : [descriptor(indexAt(depth - 1))];
    return toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })), indexType);
  }
  function nested(depth: number): Uint8Array {
    return indexAt(depth).bytes;
  }
});

describe('credentials', () => {
  const login = (host: string): string => {
    const path = join(root, 'config.json');
    writeFileSync(path, JSON.stringify({ auths: { [host]: { auth: Buffer.from('ci:geheim').toString('base64') } } }));
    return path;
  };
  const basic = `Basic ${Buffer.from('ci:geheim').toString('base64')}`;
  /** Wants a bearer token from `realm` for everything. */
  const protect = (realm: string, accepts: (token: string | undefined) => boolean): void => {
    const challenge = {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${realm}",service="a b&c",scope="repository:team/app:pull"` },
    };
    const script = (request: { headers: { authorization?: string | undefined } }) =>
      accepts(request.headers.authorization) ? null : challenge;
    const image = publish();
    registry.script('/v2/team/app/manifests/1', script);
    for (const blob of [image.config, ...image.layers]) registry.script(`/v2/team/app/blobs/${blob.digest}`, script);
  };

  test('a token is fetched once for all requests, with service and scope encoded', async () => {
    protect(`http://${registry.host}/token`, (token) => token === 'Bearer t0ken');
    registry.script('/token', () => ({ body: '{"token":"t0ken","expires_in":300}' }));
    await pull(images({ dockerConfig: login(registry.host) }));
    const tokens = registry.requestsOf('/token');
    expect(tokens.length).toBe(1);
    expect(tokens[0]?.query).toBe('?service=a+b%26c&scope=repository%3Ateam%2Fapp%3Apull');
    expect(tokens[0]?.headers.authorization).toBe(basic);
  });

  test('a token that stopped working is renewed once', async () => {
    let valid = 'Bearer one';
    protect(`http://${registry.host}/token`, (token) => token === valid);
    registry.script('/token', (_, nth) => {
      valid = nth === 0 ? 'Bearer one' : 'Bearer two';
      return { body: JSON.stringify({ token: valid.slice(7), expires_in: 300 }) };
    });
    const image = buildImage(plan);
    registry.script(`/v2/team/app/blobs/${image.config.digest}`, [
      { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` } },
    ]);
    await pull();
    expect(registry.requestsOf('/token').length).toBe(2);
  });

  test('tokens that never work end after one renewal', async () => {
    protect(`http://${registry.host}/token`, () => false);
    registry.script('/token', () => ({ body: '{"token":"t"}' }));
    const error = await failure(pull(images({ dockerConfig: login(registry.host) })));
    expect(error.code).toBe('REG401');
    expect(error.message).toBe(`${registry.host} rejected user "ci" (from ${join(root, 'config.json')})`);
    expect(registry.requestsOf('/v2/').length).toBe(2);
    expect(registry.requestsOf('/token').length).toBe(1);
  });

  test('a basic challenge without a login says how to log in', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    const error = await failure(pull());
    expect(`${error.code} ${error.message}; hint: ${error.hint}`).toBe(
      `REG401 ${registry.host}: "team/app" not found or no access (anonymous); hint: "auth" of a Registry for ${registry.host}`,
    );
  });

  test('403 names who was not allowed', async () => {
    registry.script('/v2/team/app/manifests/1', (request) =>
      request.headers.authorization === undefined ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } : { status: 403 },
    );
    const error = await failure(pull(images({ dockerConfig: login(registry.host) })));
    expect(error.code).toBe('REG403');
    expect(error.message).toContain('authenticated as user "ci"');
    expect(error.message).not.toContain('geheim');
  });

  test.each([301, 302, 307, 308])(
    'a redirect with %i to another port must not carry them, nor a challenge there bring them',
    async (status) => {
      const elsewhere = await startScriptedRegistry();
      try {
        const image = publish();
        for (const layer of image.layers) {
          registry.script(`/v2/team/app/blobs/${layer.digest}`, (request) =>
            request.headers.authorization === undefined
              ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
              : { status, headers: { location: `http://${elsewhere.host}/storage/${layer.digest}`, 'set-cookie': 'id=1' } },
          );
          elsewhere.script(`/storage/${layer.digest}`, () => ({ headers: { 'content-length': String(layer.size) }, body: layer.bytes }));
        }
        await pull(images({ dockerConfig: login(registry.host) }));
        expect(elsewhere.requests.length).toBe(2);
        elsewhere.script(`/storage/${image.layers[0]?.digest}`, () => ({
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="storage"' },
        }));
        rmSync(join(root, 'state'), { recursive: true });
        expect((await failure(pull(images({ dockerConfig: login(registry.host) })))).code).toBe('REG401');
        for (const request of elsewhere.requests) {
          for (const header of ['authorization', 'cookie', 'proxy-authorization']) expect(request.headers).not.toHaveProperty(header);
        }
      } finally {
        await elsewhere.close();
      }
    },
  );

  test.each([
    'file:///etc/passwd',
    'unix:/run/x.sock',
    'ftp://127.0.0.1/x',
    'http://example.com/x',
    'http://ci:geheim@127.0.0.1/x',
    'http://[::ffff:169.254.169.254]/',
  ])('a redirect to %s is refused', async (location) => {
    const [layer] = publish().layers;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ status: 307, headers: { location } }));
    const error = await failure(pull());
    expect(error.code).toBe('REG021');
    expect(error.message).toContain('redirects to');
  });

  test('three hops in a row lead to the blob, without them from the first foreign one on', async () => {
    const elsewhere = await startScriptedRegistry();
    try {
      const image = publish();
      const [layer] = image.layers;
      const at = (host: string, path: string): Answer => ({ status: 302, headers: { location: `http://${host}${path}` } });
      registry.script(`/v2/team/app/blobs/${layer?.digest}`, (request) =>
        request.headers.authorization === undefined
          ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
          : at(registry.host, '/same-host'),
      );
      registry.script('/same-host', () => at(elsewhere.host, '/foreign'));
      elsewhere.script('/foreign', () => at(registry.host, '/back'));
      registry.script('/back', () => ({ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '' }));
      await pull(images({ dockerConfig: login(registry.host) }));
      expect(registry.requestsOf('/same-host').map((request) => request.headers.authorization)).toEqual([basic]);
      for (const request of [...elsewhere.requests, ...registry.requestsOf('/back')])
        expect(request.headers).not.toHaveProperty('authorization');
    } finally {
      await elsewhere.close();
    }
  });

  test('redirects in a circle end', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ status: 302, headers: { location: '/v2/team/app/manifests/1' } }));
    const error = await failure(pull());
    expect(error.message).toContain('redirects more than 5 times');
    expect(registry.requests.length).toBe(6);
  });

  test.each(['http://10.0.0.5/token', 'http://example.com/token', 'https://169.254.169.254/token', 'file:///token', ''])(
    'a realm at %s never sees them',
    async (realm) => {
      protect(realm, () => false);
      const error = await failure(pull(images({ dockerConfig: login(registry.host) })));
      expect(error.code).toBe('REG021');
    },
  );

  test('those of another registry stay at home', async () => {
    registry.script('/v2/team/app/manifests/1', () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    await failure(pull(images({ dockerConfig: login('registry.example.com') })));
    expect(registry.requests.every((request) => request.headers.authorization === undefined)).toBe(true);
  });
});

describe('what was pushed about an image', () => {
  const sbom = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256(Buffer.from('sbom')), size: 4 };
  const list = (artifactType: string | null) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [{ ...sbom, ...(artifactType === null ? {} : { artifactType }), annotations: { made: 'today' } }],
    });
  const inspect = async () => {
    const from = images();
    await pull(from);
    return from.inspect(ref(), { signal: new AbortController().signal });
  };

  test('is listed by the API of referrers', async () => {
    const image = publish();
    registry.script(`/v2/team/app/referrers/${image.manifest.digest}`, () => ({ body: list('application/vnd.example.sbom') }));
    expect(await inspect()).toMatchObject({
      ref: ref(),
      digest: image.manifest.digest,
      layers: image.layers.map(({ digest, diffId, size }) => ({ digest, diffId, sizeBytes: size })),
      referrers: [{ digest: sbom.digest, artifactType: 'application/vnd.example.sbom', sizeBytes: 4, annotations: { made: 'today' } }],
      referrersProblem: null,
    });
  });

  test('is listed by the tag that stands in for it', async () => {
    const image = publish();
    registry.script(`/v2/team/app/manifests/${image.manifest.digest.replace(':', '-')}`, () => ({ body: list(null) }));
    expect(await inspect()).toMatchObject({ referrers: [{ digest: sbom.digest, artifactType: sbom.mediaType }] });
  });

  test('is nothing when the registry knows of nothing', async () => {
    publish();
    expect(await inspect()).toMatchObject({ referrers: [], referrersProblem: null });
  });

  test('that cannot be asked for does not hide the image', async () => {
    const image = publish();
    registry.script(`/v2/team/app/referrers/${image.manifest.digest}`, () => ({ body: '{"manifests":[{"digest":"sha256:../x"}]}' }));
    expect(await inspect()).toMatchObject({
      digest: image.manifest.digest,
      referrers: [],
      referrersProblem: expect.stringContaining('IMG022'),
    });
  });
});

describe('many who want the same image', () => {
  test('cause one download, and one who gives up takes nobody along', async () => {
    const image = publish();
    const [layer] = image.layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, () => ({ delayMs: 100 }));
    const from = images();
    const cancel = new AbortController();
    const waiting = Array.from({ length: 20 }, (_, i) => pull(from, ref(), i === 3 ? cancel.signal : new AbortController().signal));
    await expect.poll(() => registry.requestsOf(path).length).toBe(1);
    cancel.abort();
    const ended = await Promise.allSettled(waiting);
    expect(ended.filter(({ status }) => status === 'rejected').length).toBe(1);
    expect(registry.requestsOf(path).length).toBe(1);
  });
});

describe('digests by sha512', () => {
  const sha512 = (bytes: Uint8Array): string => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
  const renamed = <B extends { readonly bytes: Uint8Array }>(blob: B): B => ({ ...blob, digest: sha512(blob.bytes) });

  /** The same image with everything in it named by sha512. */
  function publishBySha512(): BuiltImage {
    const good = buildImage(plan);
    const config = renamed(good.config);
    const all = good.layers.map(renamed);
    const text = JSON.stringify({ schemaVersion: 2, config: descriptor(config), layers: all.map(descriptor) });
    const image = { ...good, config, layers: all, manifest: renamed(toBlob(Buffer.from(text), good.manifest.mediaType)) };
    registry.publish('team/app', '1', image);
    return image;
  }

  test('are verified like any other, by tag and by digest, and kept by them', async () => {
    const image = publishBySha512();
    const from = images();
    expect(await pull(from)).toMatchObject({ digest: image.manifest.digest, configDigest: image.config.digest });
    await pull(from, `${registry.host}/team/app@${image.manifest.digest}`);
    expect(layers.unpacked.length).toBe(2);
    const kept = readdirSync(join(root, 'state/content/blobs/sha512')).sort();
    expect(kept).toEqual([image.manifest, image.config, ...image.layers].map(({ digest }) => digest.slice('sha512:'.length)).sort());
    const unused = await from.collectable({ configDigests: new Set(), forget: [], before: Date.now() });
    expect(unused.parts).toEqual([]);
  });

  test('that do not match show nothing', async () => {
    const image = publishBySha512();
    const [layer] = image.layers;
    const wrong = Buffer.from(layer?.bytes ?? '');
    wrong[100] = (wrong[100] ?? 0) ^ 1;
    registry.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({ body: wrong }));
    const error = await failure(pull());
    expect(error.code).toBe('REG010');
    expect(error.message).toContain(`expected ${layer?.digest.slice(0, 19)}.., got ${sha512(wrong).slice(0, 19)}..`);
    expectNothingVisible([]);
  });

  test('go on where a blob was cut', async () => {
    const [layer] = publishBySha512().layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    registry.script(path, [{ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', cutAt: 100_000 }]);
    await pull();
    expect(registry.requestsOf(path).at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });
});
