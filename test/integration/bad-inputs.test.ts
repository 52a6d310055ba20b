/**
 * Bad inputs of reliability.md 9, by the numbers of its rows: the whole way from the command line over the socket through the engine to a kernel in memory. Each row is one
 * line, its exit code, and nothing changed. Texts in all their variants are elsewhere, as are rows that need a real kernel or disk:
 *
 *   1-56    test/unit/manifest/bad-inputs.test.ts (with warnings; their rows are in test/support/bad-manifests.ts)
 *   58-76   test/integration/image/{registry,hosts,http}.test.ts, test/unit/image/{oci,auth}.test.ts
 *   69-72   test/e2e/image/unpack.test.ts, small-disk.test.ts: what real layers and full disks do
 *   77-81   test/e2e/bad-inputs.test.ts, test/integration/container/start-error.test.ts
 *   89, 98, 103   test/e2e/bad-inputs.test.ts
 *   90, 91   test/integration/cli/{usage,commands}.test.ts
 *   82, 83, 85   test/e2e/limits.test.ts, test/integration/engine/{why,probes}.test.ts: last words, the probe that failed
 *   92      test/integration/manifest/directory.test.ts: the quarantine of a watched directory
 *   97, 101, 102   test/integration/daemon/daemon.test.ts
 *   99, 100, 105   test/unit/store/store.test.ts, test/e2e/full-disk.test.ts
 *   106, 107       test/integration/api/server.test.ts
 *
 * Not met yet: 49 (a network moves, its members with it), 84 (needs a process in state D), 86, 87 (ulimits come with M2), 93 (nothing is named by a prefix), 104, 108.
 */
import { once } from 'node:events';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ImageOptions } from '../../src/controllers/image/controller.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { Engine } from '../../src/reconciler/engine.ts';
import { type BadManifest, badFields, badText, container } from '../support/bad-manifests.ts';
import { type CliResult, runCli, runWith } from '../support/cli.ts';
import { eventsOf, type Host, makeHost, snapshot, waiting } from '../support/engine-on-world.ts';
import { buildImage, type ImagePlan } from '../support/image-builder.ts';
import type { Texts } from '../support/manifests.ts';
import { scratch } from '../support/scratch.ts';
import { type Answer, startScriptedRegistry } from '../support/scripted-registry.ts';

function write(files: Texts): string {
  const directory = scratch();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

/** What the user sees, without the directory the files are in. */
function linesOf({ stderr }: CliResult, directory: string): readonly string[] {
  return stderr.replaceAll(`${directory}/`, '').trimEnd().split('\n');
}

/** What a refused wish may not change: the kernel, what is stored and told, images. */
async function everything(host: Host, engine: Engine): Promise<unknown> {
  const all = { kind: null, namespace: null, name: null } as const;
  return {
    world: host.world.describe(),
    starts: [...host.world.starts],
    documents: [...engine.documents()],
    sets: await engine.sets(),
    resources: await engine.resources(all),
    instances: (await engine.instances({ namespace: null })).map(({ name, uid, phase }) => ({ name, uid, phase })),
    images: images(host),
    events: await eventsOf(engine),
  };
}

/** References and layers on the disk. A blob that has its digest stays for the next try; nothing shows it, and collection takes it. */
function images({ directory }: Host): readonly string[] {
  return ['content/refs', 'layers'].flatMap((path) => readdirSync(join(directory, 'state', path)).map((name) => `${path}/${name}`));
}

const running = (host: Host): string =>
  `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: old}\nspec: {image: "${host.image('1')}", ports: ["9999:80"]}\n`;

async function hostWithOld(options: Parameters<typeof makeHost>[0] = {}): Promise<readonly [Host, Engine]> {
  const host = makeHost(options);
  const engine = await host.open();
  expect(await engine.apply([snapshot(running(host), { set: 'cli:old' })], waiting())).toMatchObject({ exitCode: 0 });
  return [host, engine];
}

describe('a bad manifest is refused as a whole', () => {
  const isRefused = ({ says, input }: BadManifest): boolean => says.some((line) => line.includes(': error[')) && !input.startsWith('34');

  test.each([...badText, ...badFields].filter(isRefused))('$input', async ({ files, says, host: facts = unknownHost }) => {
    const host = makeHost();
    const engine = await Engine.open({ ...host.options(), buildGraph: (snapshots) => buildGraph(snapshots, facts) });
    onTestFinished(() => engine.close());
    await engine.apply([snapshot(running(host), { set: 'cli:old' })], waiting());
    const before = await everything(host, engine);
    const directory = write(files);
    const result = await runWith(engine, ['apply', '-f', directory]);
    const [last, ...lines] = [...linesOf(result, directory)].reverse();
    expect(lines.reverse()).toEqual(says);
    expect(last).toMatch(/^(?:\d+ of \d+ files? (?:is|are) invalid, )?nothing was changed$/);
    expect(result.stdout).toBe('');
    expect(result.code).toBe(3);
    expect(await everything(host, engine)).toEqual(before);
  });

  test.each(badText.filter(({ input }) => input.startsWith('11')))('$input is a note', async ({ files, says }) => {
    const [host, engine] = await hostWithOld();
    const before = await everything(host, engine);
    const directory = write(files);
    const result = await runWith(engine, ['apply', '-f', directory]);
    expect(linesOf(result, directory)).toEqual(says);
    expect(result.code).toBe(0);
    expect(await everything(host, engine)).toEqual(before);
  });

  test('92 directory, 1 bad of 10', async () => {
    const [host, engine] = await hostWithOld();
    const before = await everything(host, engine);
    const good = Array.from({ length: 9 }, (_, index) => [`w${index}.yaml`, container({}, { 4: `  name: w${index}` })] as const);
    const directory = write({ ...Object.fromEntries(good), 'db.yaml': container({}, { 4: '  name: DB' }) });
    const result = await runWith(engine, ['apply', '-f', directory]);
    expect(linesOf(result, directory)).toEqual([
      'db.yaml:4:9: error[SCH012]: name "DB" may only have a-z, 0-9 and "-", and starts and ends with a letter or digit; hint: db',
      '1 of 10 files is invalid, nothing was changed',
    ]);
    expect(result.code).toBe(3);
    expect(await everything(host, engine)).toEqual(before);
  });
});

/** Kernel, processes and what is on the disk: a failed pull leaves the wish in the store, and nothing else. */
function worldOf(host: Host): unknown {
  return { world: host.world.describe(), starts: [...host.world.starts], images: images(host) };
}

describe('an image that cannot be had changes nothing, and what ran runs on', () => {
  const indexType = 'application/vnd.oci.image.index.v1+json';
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const plan: ImagePlan = { name: '1', layers: [{ entries: [{ name: 'a', content: 'x'.repeat(5000) }], compression: 'none' }] };
  const image = buildImage(plan);
  const [layer] = image.layers;
  const size = String(layer?.size);
  const path = '/v2/team/app/manifests/1';
  const blob = `/v2/team/app/blobs/${layer?.digest}`;
  const manifest = (body: unknown, type = manifestType): Answer => ({ headers: { 'content-type': type }, body: JSON.stringify(body) });
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: image.config.digest, size: image.config.size };
  const other = (architecture: string, os: string) => ({
    mediaType: manifestType,
    digest: image.manifest.digest,
    size: image.manifest.size,
    platform: { architecture, os },
  });

  const rows: readonly {
    readonly row: string;
    readonly answers: Readonly<Record<string, Answer>>;
    readonly says: (host: string) => string | RegExp;
  }[] = [
    {
      row: '57 no such tag',
      answers: {
        [path]: { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' },
        '/v2/team/app/tags/list': { body: '{"tags":["1.28","2"]}' },
      },
      says: (host) => `web.yaml:6:10: error[REG404]: ${host}/team/app has no tag "1"; hint: nearest are 2, 1.28`,
    },
    {
      row: '58 not there or private',
      answers: { [path]: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } },
      says: (host) =>
        `web.yaml:6:10: error[REG401]: ${host}: "team/app" not found or no access (anonymous); hint: "auth" of a Registry for ${host}`,
    },
    {
      row: '60 429',
      answers: { [path]: { status: 429, headers: { 'ratelimit-limit': '100;w=21600', 'retry-after': '1800' } } },
      says: (host) =>
        new RegExp(
          `^web\\.yaml:6:10: error\\[REG429\\]: ${host} limits pulls: 100 per 6h used; next try in \\d+m \\(\\d\\d:\\d\\d:\\d\\d\\); hint: log in, or set a mirror`,
        ),
    },
    {
      row: '61 5xx',
      answers: { [path]: { status: 503 } },
      says: (host) => new RegExp(`^web\\.yaml:6:10: error\\[REG503\\]: ${host} answered 503 \\(2 tries in \\d+m?s\\)`),
    },
    {
      row: '62 digest mismatch',
      answers: { [blob]: { headers: { 'content-length': size }, body: Buffer.alloc(layer?.size ?? 0, 7) } },
      says: (host) =>
        new RegExp(
          `^web\\.yaml:6:10: error\\[REG010\\]: layer 1 of 1 from ${host} does not match: expected sha256:\\w{12}\\.\\., got sha256:\\w{12}\\.\\. \\(${size} bytes\\); nothing was installed \\(3 tries\\); hint: a proxy or mirror may be altering data`,
        ),
    },
    {
      row: '63 cut off',
      answers: { [blob]: { headers: { 'content-length': size }, body: layer?.bytes ?? '', cutAt: 0 } },
      says: (host) => new RegExp(`^web\\.yaml:6:10: error\\[REG011\\]: connection to ${host} closed too early \\(2 tries in \\d+m?s`),
    },
    {
      row: '65 no platform',
      answers: {
        [path]: manifest(
          { schemaVersion: 2, mediaType: indexType, manifests: [other('riscv64', 'linux'), other('amd64', 'windows')] },
          indexType,
        ),
      },
      says: (host) =>
        new RegExp(
          `^web\\.yaml:6:10: error\\[IMG010\\]: ${host}: image has linux/riscv64 and windows/amd64, not linux/\\S+ \\(this host\\)`,
        ),
    },
    {
      row: '66 not an image',
      answers: {
        [path]: manifest({ schemaVersion: 2, artifactType: 'application/vnd.cncf.helm.chart.v1', config: empty, layers: [empty] }),
      },
      says: (host) =>
        `web.yaml:6:10: error[IMG011]: ${host}: this is an OCI artifact of type application/vnd.cncf.helm.chart.v1, not a container image`,
    },
    {
      row: '67 schema 1',
      answers: { [path]: manifest({ schemaVersion: 1, fsLayers: [] }, 'application/vnd.docker.distribution.manifest.v1+json') },
      says: (host) =>
        `web.yaml:6:10: error[IMG012]: ${host}: image uses the retired schema-1 format; hint: push it again with a current tool`,
    },
    {
      row: '68 layers and manifests',
      answers: {
        [path]: manifest(
          { schemaVersion: 2, mediaType: indexType, config: empty, layers: [empty], manifests: [other('amd64', 'linux')] },
          indexType,
        ),
      },
      says: (host) =>
        `web.yaml:6:10: error[IMG013]: ${host}: ambiguous manifest (has "layers" and "manifests", media type says index); refused, see CVE-2021-41190`,
    },
    {
      row: '75 captive portal',
      answers: { [path]: { headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' } },
      says: (host) =>
        `web.yaml:6:10: error[REG020]: ${host} answered text/html instead of a manifest (3 tries); hint: a login page or proxy is in between`,
    },
    {
      row: '76 realm elsewhere',
      answers: { [path]: { status: 401, headers: { 'www-authenticate': 'Bearer realm="http://10.0.0.5/token"' } } },
      says: (host) =>
        new RegExp(
          `^web\\.yaml:6:10: error\\[REG021\\]: ${host} .*http://10\\.0\\.0\\.5/token; refused; hint: if that is right, allow this realm in its Registry$`,
        ),
    },
  ];

  test.each(rows)('$row', async ({ answers, says }) => {
    const registry = await startScriptedRegistry();
    onTestFinished(() => registry.close());
    registry.publish('team/app', '1', image);
    for (const [at, answer] of Object.entries(answers)) registry.script(at, () => answer);
    await failedPull(registry.host, says(registry.host));
  });

  test.each([
    [
      '69 bomb',
      [{ name: 'zeros', content: Buffer.alloc(3 << 20) }],
      /error\[IMG020\]: layer 1 of 1 unpacks to more than .* compressed\); stopped at the limit; hint: raise the layer limit of the EngineConfig/,
    ],
    [
      '70 escape',
      [{ name: 'lib/../../etc/cron.d/x', content: 'x' }],
      /error\[IMG021\]: layer 1 of 1 entry 1 "lib\/\.\.\/\.\.\/etc\/cron\.d\/x" points outside the image; refused, nothing was written/,
    ],
  ] as const)('%s', async (_row, entries, says) => {
    const registry = await startScriptedRegistry();
    onTestFinished(() => registry.close());
    registry.publish('team/app', '1', buildImage({ name: '1', layers: [{ entries }] }));
    await failedPull(registry.host, new RegExp(`^web\\.yaml:6:10: ${says.source}`), {
      layerLimits: { maxBytes: 1 << 20, maxEntries: 100 },
    });
  });

  /** Another image for what runs, applied: one line, exit 1, and the same process of the same image as before. */
  async function failedPull(registry: string, says: string | RegExp, options: Partial<ImageOptions> = {}): Promise<void> {
    const host = makeHost({ image: { registry: { tries: 2, firstWaitMs: 1 }, ...options } });
    const engine = await host.open();
    await engine.apply([snapshot(container({}, { 6: `  image: "${host.image('1')}"` }))], waiting());
    const before = worldOf(host);
    const directory = write({ 'web.yaml': container({}, { 6: `  image: ${registry}/team/app:1` }) });
    const result = await runWith(engine, ['apply', '-f', directory, '--timeout', '20s']);
    const causes = linesOf(result, directory).filter((line) => line.startsWith('✘ ') && line.includes('error['));
    expect(causes).toEqual([typeof says === 'string' ? `✘ ${says}` : expect.stringMatching(new RegExp(says.source.replace('^', '^✘ ')))]);
    expect(result.code).toBe(1);
    expect(worldOf(host)).toEqual(before);
  }
});

describe('a program that ends is told with what it ended of', () => {
  test.each([
    ['82 OOM', { code: 137, signal: null, oom: true }, 'OOMKilled: web-1: exit 137: out of memory (limit 16 MiB)'],
    ['83 crash loop', { code: 1, signal: null, oom: false }, 'CrashLoopBackOff: web-1: exit 1'],
  ] as const)('%s', async (_row, exit, says) => {
    const host = makeHost();
    const engine = await host.open();
    host.world.programs.set('/app', { exit });
    const limits = { 6: `  image: "${host.image('1')}"`, 7: '  resources: {limits: {memory: 16Mi}}' };
    const directory = write({ 'web.yaml': container({}, limits) });
    const result = await runWith(engine, ['apply', '-f', directory, '--timeout', '300ms']);
    const [cause = ''] = result.stderr.split('\n').filter((line) => line.startsWith('✘ '));
    expect(cause.replace(/(?<=, )\d+ restarts?, next try (?:in \S+|now)$/, 'NEXT')).toBe(`✘ Container web: ${says}, NEXT`);
    expect(result.code).toBe(4);
  });
});

describe('a command that cannot be done changes nothing', () => {
  test.each(['ps', 'status', 'stop web', 'delete container/web', 'events'])('88 no daemon where one was asked for: %s', async (words) => {
    const directory = scratch();
    const socket = join(directory, 'none.sock');
    const result = await runCli(['--context', socket, ...words.split(' ')], {}, directory);
    expect(result).toEqual({
      code: 8,
      stdout: '',
      stderr: `error[CLI001]: no daemon on ${socket} (no such socket); hint: tsdock daemon, or journalctl -u tsdock\n`,
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('88 no daemon any more where one was asked for', async () => {
    const directory = scratch();
    const socket = join(directory, 'tsdock.sock');
    const gone = createServer().listen(socket);
    await once(gone, 'listening');
    renameSync(socket, `${socket}.kept`); // else its end would take the file along
    gone.close();
    renameSync(`${socket}.kept`, socket);
    const { code, stderr } = await runCli(['--context', socket, 'ps'], {}, directory);
    expect(stderr).toBe(`error[CLI001]: no daemon on ${socket} (refused); hint: tsdock daemon, or journalctl -u tsdock\n`);
    expect(code).toBe(8);
  });

  test.each([
    ['get container wbe', 1],
    ['describe container/wbe', 1],
    ['why container/wbe', 1],
    ['logs wbe', 1],
    ['logs web-1 wbe', 1],
    ['exec wbe -- true', 125],
    ['stop wbe', 1],
    ['start wbe', 1],
    ['restart wbe', 1],
    ['delete container/wbe', 1],
  ])('94 not found: %s', async (words, exit) => {
    const [host, engine] = await withWeb();
    const before = await everything(host, engine);
    const { code, stderr, stdout } = await runWith(engine, words.split(' '));
    expect(stderr).toBe('error[CLI021]: no Container "wbe"; hint: web\n');
    expect(stdout).toBe('');
    expect(code).toBe(exit);
    expect(await everything(host, engine)).toEqual(before);
  });

  test('95 in use', async () => {
    const [host, engine] = await withWeb();
    const before = await everything(host, engine);
    const { code, stderr } = await runWith(engine, ['delete', 'volume/pg']);
    expect(stderr).toBe('error[CLI022]: Volume "pg" is used by Container "web" (test.yaml:12:12); hint: delete web first, or --cascade\n');
    expect(code).toBe(6);
    expect(await everything(host, engine)).toEqual(before);
  });

  test('96 would destroy data', async () => {
    const [host, engine] = await withWeb();
    const before = await everything(host, engine);
    const directory = write({ 'web.yaml': withVolume(host).replace('spec: {}', 'spec: {driver: tmpfs}') });
    const { code, stderr } = await runWith(engine, ['apply', '-f', join(directory, 'web.yaml')]);
    expect(stderr.replaceAll(`${directory}/`, '')).toBe(
      'error[CLI024]: changing driver of Volume "pg" (web.yaml:4:16) would leave its data behind; hint: a new name, or first tsdock delete volume/pg --allow-data-loss\n',
    );
    expect(code).toBe(7);
    expect(await everything(host, engine)).toEqual(before);
  });

  test('96 would destroy data, by its deletion', async () => {
    const [host, engine] = await withWeb();
    const before = await everything(host, engine);
    const { code, stderr } = await runWith(engine, ['delete', 'volume/pg', 'container/web']);
    expect(stderr).toBe(
      'error[CLI024]: Volume "pg" keeps its data (reclaimPolicy Retain); hint: --keep-volumes deletes the rest, --allow-data-loss the data too\n',
    );
    expect(code).toBe(7);
    expect(await everything(host, engine)).toEqual(before);
  });

  test('102 mass deletion', async () => {
    const host = makeHost();
    const engine = await host.open();
    const doc = (name: string) => container({}, { 4: `  name: ${name}`, 6: `  image: "${host.image('1')}"` });
    await engine.apply([snapshot(['a', 'b', 'c', 'd'].map(doc).join('---\n'))], waiting());
    const before = await everything(host, engine);
    const directory = write({ 'a.yaml': doc('a') });
    const { code, stderr } = await runWith(engine, ['apply', '-f', directory, '--prune']);
    expect(stderr).toBe('error[CLI025]: 3 of 4 objects of cli:default would be deleted at once; hint: --max-delete 75%\n');
    expect(code).toBe(7);
    expect(await everything(host, engine)).toEqual(before);
  });

  const withVolume = (host: Host): string =>
    `apiVersion: tsdock/v1\nkind: Volume\nmetadata: {name: pg}\nspec: {}\n---\n${container({}, { 6: `  image: "${host.image('1')}"` })}`.replace(
      /\n$/,
      '\n  mounts: ["pg:/data"]\n',
    );

  async function withWeb(): Promise<readonly [Host, Engine]> {
    const host = makeHost();
    const engine = await host.open();
    expect(await engine.apply([snapshot(withVolume(host))], waiting())).toMatchObject({ exitCode: 0 });
    return [host, engine];
  }
});
