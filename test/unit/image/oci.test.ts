import { describe, expect, test } from 'vitest';
import {
  chainIds,
  chooseEntries,
  hostPlatform,
  type IndexEntry,
  limits,
  type Platform,
  parseConfig,
  parseManifest,
  variantRank,
} from '../../../src/controllers/image/oci.ts';
import { TsdockError } from '../../../src/model/errors.ts';

const hex = 'a'.repeat(64);
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${hex}`, size: 10 };
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${'b'.repeat(64)}`, size: 20 };
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TsdockError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('a manifest', () => {
  test('of either vendor is read', () => {
    const docker = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { ...config, mediaType: 'application/vnd.docker.container.image.v1+json' },
      layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', urls: ['http://169.254.169.254/x'] }],
    };
    expect(parseManifest(bytes(docker), docker.mediaType, 'r')).toEqual({
      is: 'manifest',
      config: docker.config,
      layers: [{ mediaType: docker.layers[0]?.mediaType, digest: layer.digest, size: 20, compression: 'gzip' }],
    });
  });

  test.each([
    [
      'layers and manifests',
      { schemaVersion: 2, mediaType: indexType, manifests: [], layers: [], config },
      null,
      'IMG013 r: ambiguous manifest (has "layers" and "manifests", media type says index); refused, see CVE-2021-41190',
    ],
    [
      'config and manifests',
      { schemaVersion: 2, manifests: [], config },
      null,
      'IMG013 r: ambiguous manifest (has "config" and "manifests", no media type); refused, see CVE-2021-41190',
    ],
    [
      'an index called manifest outside',
      { schemaVersion: 2, manifests: [] },
      manifestType,
      'IMG013 r: ambiguous manifest (Content-Type says manifest, the content is an index); refused, see CVE-2021-41190',
    ],
    [
      'a manifest called index inside',
      { schemaVersion: 2, mediaType: indexType, config, layers: [layer] },
      null,
      'IMG013 r: ambiguous manifest (mediaType says index, the content is a manifest); refused, see CVE-2021-41190',
    ],
    [
      'two types',
      { schemaVersion: 2, mediaType: manifestType, config, layers: [layer] },
      'application/vnd.docker.distribution.manifest.v2+json',
      `IMG013 r: ambiguous manifest (mediaType is "${manifestType}", Content-Type is "application/vnd.docker.distribution.manifest.v2+json"); refused, see CVE-2021-41190`,
    ],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, null, 'IMG012 r: image uses the retired schema-1 format'],
    [
      'schema 1 by its type',
      { fsLayers: [] },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      'IMG012 r: image uses the retired schema-1 format',
    ],
    [
      'a chart',
      {
        schemaVersion: 2,
        config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' },
        artifactType: 'application/vnd.cncf.helm.chart.v1',
        layers: [layer],
      },
      null,
      'IMG011 r: this is an OCI artifact of type application/vnd.cncf.helm.chart.v1, not a container image',
    ],
    ['no layers', { schemaVersion: 2, config, layers: [] }, null, 'IMG022 r: manifest has no layers'],
    [
      '10,000 layers',
      { schemaVersion: 2, config, layers: Array.from({ length: 10_000 }, () => layer) },
      null,
      'IMG022 r: image has 10000 layers, at most 499 can be mounted',
    ],
    [
      'one digest with two sizes',
      { schemaVersion: 2, config, layers: [layer, { ...layer, size: 21 }] },
      null,
      `IMG022 r: ${layer.digest} is listed with two sizes, 20 and 21`,
    ],
    [
      'a size of 2^53',
      { schemaVersion: 2, config, layers: [{ ...layer, size: 2 ** 53 }] },
      null,
      'IMG022 r: layers[0].size 9007199254740992 is not a length in bytes',
    ],
    [
      'a negative size',
      { schemaVersion: 2, config, layers: [{ ...layer, size: -1 }] },
      null,
      'IMG022 r: layers[0].size -1 is not a length in bytes',
    ],
    ['no schema version', { config, layers: [layer] }, null, 'IMG022 r: schemaVersion is nothing, not 2'],
    [
      '10,000 entries',
      { schemaVersion: 2, manifests: Array.from({ length: 10_000 }, () => config) },
      null,
      `IMG022 r: index has 10000 entries, at most ${limits.indexEntries} are read`,
    ],
    ['a web page', '<!doctype html><html>', null, 'REG020 r answered text/html instead of a manifest'],
    [
      'a key set twice',
      `{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[],"layers":[${JSON.stringify(layer)}]}`,
      null,
      'IMG022 r: manifest is no JSON: key "layers" is set twice',
    ],
    ['a key set twice by an escape', '{"a":1,"\\u0061":2}', null, 'IMG022 r: manifest is no JSON: key "\\u0061" is set twice'],
    ['a list', [], null, 'IMG022 r: manifest is no JSON object'],
  ])('with %s is refused', (_, value, contentType, expected) => {
    expect(codeOf(() => parseManifest(bytes(value), contentType, 'r'))).toBe(expected);
  });

  test.each([
    'sha1:abc',
    `md5:${hex}`,
    `SHA256:${hex}`,
    'sha256:../../x',
    `sha256:${hex}0`,
    `sha256:${'A'.repeat(64)}`,
    `sha512:${hex}`,
    5,
    null,
  ])('with the digest %j is refused before it is a path', (digest) => {
    expect(codeOf(() => parseManifest(bytes({ schemaVersion: 2, config, layers: [{ ...layer, digest }] }), null, 'r'))).toMatch(
      /^IMG022 r: layers\[0\]\.digest/,
    );
  });

  test.each(['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'])(
    'with a foreign layer (%s) is refused, wherever its urls lead',
    (mediaType) => {
      const layer = { mediaType, digest: `sha256:${'b'.repeat(64)}`, size: 1, urls: ['https://example.com/layer'] };
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 2 };
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [layer] }));
      expect(() => parseManifest(bytes, null, 'reg.test')).toThrow(
        expect.objectContaining({
          code: 'IMG011',
          message: `reg.test: layers[0] is a foreign layer (${mediaType}), whose content is elsewhere; refused`,
        }),
      );
    },
  );

  test('may repeat keys in different objects and colons in text', () => {
    const text = `{"schemaVersion":2,"annotations":{"a":"{\\"x\\":1,\\"x\\":2}","b":"a,b:c"},"config":${JSON.stringify(config)},"layers":[${JSON.stringify(layer)}]}`;
    expect(parseManifest(bytes(text), null, 'r').is).toBe('manifest');
  });
});

describe('choice of a platform', () => {
  const entry = (platform: Platform | null, digit: string): IndexEntry => ({
    mediaType: manifestType,
    digest: `sha256:${digit.repeat(64)}`,
    size: 1,
    platform,
    annotations: {},
  });
  const arm = (variant: string | null, digit: string): IndexEntry => entry({ os: 'linux', architecture: 'arm', variant }, digit);

  test('an arm v7 host takes the highest variant it runs', () => {
    const chosen = chooseEntries([arm('v5', '1'), arm('v8', '2'), arm('v6', '3'), arm('v7', '4')], hostPlatform('arm'), 'r');
    expect(chosen.map((one) => one.platform?.variant)).toEqual(['v7', 'v6', 'v5']);
  });

  test('entries that name no platform are tried last', () => {
    const mine = entry(hostPlatform('x64'), '1');
    expect(chooseEntries([entry(null, '2'), mine], hostPlatform('x64'), 'r')[0]).toBe(mine);
  });

  test('amd64 prefers the most general variant', () => {
    const amd = (variant: string | null): number | null =>
      variantRank({ os: 'linux', architecture: 'amd64', variant }, hostPlatform('x64'));
    expect([amd(null), amd('v1')]).toEqual([0, 0]);
    expect(amd('v3')).toBeGreaterThan(amd('v2') ?? 0);
  });
});

describe('an image config', () => {
  const parse = (run: unknown): ReturnType<typeof parseConfig> =>
    parseConfig(bytes({ os: 'linux', architecture: 'amd64', config: run, rootfs: { diff_ids: [layer.digest] } }), 'r');

  test.each(['4294967296', '-1', '0x0', '1000:', ' root', 'a\nb'])('hands the user %j on as written', (User) => {
    expect(parse({ User }).config.user).toBe(User);
  });

  test.each([
    ['Env without =', { Env: ['PATH'] }],
    ['Env without a name', { Env: ['=x'] }],
    ['Env with a newline in the name', { Env: ['A\nB=x'] }],
    ['Env with NUL', { Env: ['A=x\0y'] }],
    ['Env that is text', { Env: 'A=b' }],
    ['Env of 200 KiB', { Env: [`A=${'x'.repeat(200 * 1024)}`] }],
    ['a million arguments', { Cmd: Array.from({ length: 1_000_000 }, () => 'x') }],
    ['arguments of 2 MiB', { Cmd: Array.from({ length: 100 }, () => 'x'.repeat(20 * 1024)) }],
    ['Entrypoint of numbers', { Entrypoint: [1] }],
    ['WorkingDir with NUL', { WorkingDir: '/a\0b' }],
    ['User with NUL', { User: 'a\0b' }],
  ])('with %s is refused', (_, run) => {
    expect(codeOf(() => parse(run))).toMatch(/^IMG022 r: /);
  });

  test('keeps only volumes, ports and signals that name one', () => {
    const { config: run } = parse({
      Volumes: { '/data': {}, '/../../etc': {}, '/': {}, relative: {}, '/a/./b': {} },
      ExposedPorts: { '80/tcp': {}, '53/udp': {}, '99999/foo': {}, '0/tcp': {}, '70000/tcp': {} },
      StopSignal: 'rm -rf /',
    });
    expect(run).toMatchObject({ volumes: ['/data'], exposedPorts: ['80/tcp', '53/udp'], stopSignal: null });
  });

  test.each([
    [{ Test: ['CMD', '/check', '-q'] }, { command: ['/check', '-q'] }],
    [{ Test: ['CMD-SHELL', 'a | b'] }, { command: ['/bin/sh', '-c', 'a | b'] }],
    [{ Test: ['NONE'] }, null],
    [{ Test: [] }, null],
    [{ Test: ['CMD'] }, null],
    [{}, null],
  ])('reads the health check %j', (Healthcheck, expected) => {
    const { healthcheck } = parse({ Healthcheck }).config;
    if (expected === null) expect(healthcheck).toBeNull();
    else
      expect(healthcheck).toEqual({
        intervalMs: null,
        timeoutMs: null,
        startPeriodMs: null,
        startIntervalMs: null,
        retries: null,
        ...expected,
      });
  });

  test('times of a health check are nanoseconds, its shell is that of the image, and what is no number is left out', () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'x'], Interval: 5e9, Timeout: 1.5e9, StartPeriod: 0, StartInterval: 'soon', Retries: 2 };
    expect(parse({ Healthcheck, Shell: ['/bin/bash', '-c'] }).config.healthcheck).toEqual({
      ...{ command: ['/bin/bash', '-c', 'x'], intervalMs: 5_000, timeoutMs: 1_500 },
      ...{ startPeriodMs: null, startIntervalMs: null, retries: 2 },
    });
  });

  test('takes labels named like members of an object as data', () => {
    const text = '{"rootfs":{"diff_ids":[]},"config":{"Labels":{"__proto__":"x","constructor":"y"}}}';
    const { labels } = parseConfig(Buffer.from(text), 'r').config;
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  });

  test.each([
    ['no rootfs', {}],
    ['a diff id that is a path', { rootfs: { diff_ids: ['sha256:../x'] } }],
  ])('with %s is refused', (_, value) => {
    expect(codeOf(() => parseConfig(bytes(value), 'r'))).toMatch(/^IMG022 r: /);
  });

  test('of eight MiB is read without running out of stack', () => {
    expect(parse({ Labels: { big: 'x'.repeat(8 << 20) } }).config.labels.big?.length).toBe(8 << 20);
  });
});

test('a chain id names a layer with all below it', () => {
  expect(chainIds(['sha256:aa', 'sha256:bb', 'sha256:cc'], (text) => `h(${text})`)).toEqual([
    'sha256:aa',
    'sha256:h(sha256:aa sha256:bb)',
    'sha256:h(sha256:h(sha256:aa sha256:bb) sha256:cc)',
  ]);
});
