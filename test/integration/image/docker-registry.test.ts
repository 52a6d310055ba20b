import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import { silentLogger } from '../../../src/model/log.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { createFakeLayers } from '../../support/fake-layers.ts';
import { type BuiltImage, buildLayout } from '../../support/image-builder.ts';
import { type RegistryServer, registryLogin, startRegistryServer } from '../../support/registry-server.ts';
import { refreshToken, startTokenServer, type TokenServer } from '../../support/token-server.ts';

interface Mode {
  readonly name: string;
  readonly login: 'none' | 'basic' | 'token' | 'identity';
  readonly tls: boolean;
}

const modes: readonly Mode[] = [
  { name: 'open', login: 'none', tls: false },
  { name: 'htpasswd', login: 'basic', tls: false },
  { name: 'TLS', login: 'none', tls: true },
  { name: 'TLS and htpasswd', login: 'basic', tls: true },
  { name: 'TLS and a token server', login: 'token', tls: true },
  { name: 'TLS and a token server that trades identity tokens', login: 'identity', tls: true },
];

let authority: Authority;
beforeAll(() => {
  authority = createAuthority();
});
afterAll(() => authority.close());

describe.each(modes)('the registry of Debian ($name)', ({ login, tls }) => {
  let tokens: TokenServer | null = null;
  let root: string;
  let registry: RegistryServer;
  let built: BuiltImage;
  let images: Images;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'tsdock-debian-'));
    const layers = [
      {
        entries: [
          { name: 'etc/', type: 'directory' as const },
          { name: 'etc/one', content: '1' },
        ],
      },
      { entries: [{ name: 'etc/two', content: '2' }] },
    ];
    [built] = buildLayout(join(root, 'layout'), [{ name: '1', run: { Env: ['X=1'] }, layers }]) as [BuiltImage];
    if (login === 'token' || login === 'identity') tokens = await startTokenServer(authority.issue('tokens'), registryLogin);
    registry = await startRegistryServer({
      auth: login === 'basic',
      ...(tls ? { tls: authority.issue('127.0.0.1') } : {}),
      ...(tokens === null ? {} : { token: { realm: tokens.url, ca: authority.ca } }),
    });
    await registry.push(`oci:${join(root, 'layout')}:1`, 'team/app:oci');
    await registry.push(`oci:${join(root, 'layout')}:1`, 'team/app:docker', ['--format', 'v2s2']);
    const dockerConfig = join(root, 'config.json');
    const { user, password } = registryLogin;
    const entry = login === 'identity' ? { identitytoken: refreshToken } : { auth: Buffer.from(`${user}:${password}`).toString('base64') };
    writeFileSync(dockerConfig, JSON.stringify({ auths: { [registry.host]: entry } }));
    images = openImages('state', login === 'none' ? null : dockerConfig);
  });
  afterAll(async () => {
    await images.close();
    await registry.stop();
    await tokens?.close();
    rmSync(root, { recursive: true, force: true });
  });

  function openImages(state: string, dockerConfig: string | null): Images {
    const made = createImages({ stateDir: join(root, state), layers: createFakeLayers(), log: silentLogger, dockerConfig });
    const settings = { mirrors: [], auth: null, clientCertificate: null, ca: authority.ca, insecure: false, realms: [], verify: [] };
    if (tls) made.configure([{ name: 'debian', spec: { ...settings, host: registry.host } }]);
    return made;
  }

  const pull = (name: string, from: Images = images) =>
    from.pull(`${registry.host}/${name}`, { signal: new AbortController().signal, report: () => undefined });

  test('gives an image by tag and by digest', async () => {
    const byTag = await pull('team/app:oci');
    const byDigest = await pull(`team/app@${byTag.digest}`);
    expect(byDigest).toMatchObject({ digest: byTag.digest, configDigest: built.config.digest });
  });

  test('gives Docker schema 2 with the same layers, which are not unpacked twice', async () => {
    await pull('team/app:oci');
    await pull('team/app:docker');
    const observed = await images.controller.observe();
    const directories = observed.filter((image) => !image.ref.includes('@')).map((image) => image.layers.map((layer) => layer.directory));
    expect(directories[0]).toEqual(directories[1]);
    expect(readFileSync(join(directories[0]?.[0] ?? '', 'etc/one'), 'utf8')).toBe('1');
  });

  test('tells a missing tag with what it has', async () => {
    await expect(pull('team/app:ocj')).rejects.toMatchObject({
      code: 'REG404',
      message: `${registry.host}/team/app has no tag "ocj"`,
      hint: 'nearest is oci',
    });
  });

  test('tells a missing repository', async () => {
    await expect(pull('team/nothing:1')).rejects.toMatchObject({ code: 'REG404' });
  });

  test('is asked for one token a repository, however often it is pulled', async () => {
    await pull('team/app:oci');
    await pull('team/app:docker');
    const asked = tokens?.asked.filter((line) => line.endsWith('repository:team/app:pull')) ?? [];
    expect(asked).toEqual(tokens === null ? [] : [`${login === 'identity' ? 'POST' : 'GET'} repository:team/app:pull`]);
  });

  test('asks everyone for a login, or nobody', async () => {
    const anonymous = openImages('other', null);
    try {
      const pulled = pull('team/app:oci', anonymous);
      if (login !== 'none')
        await expect(pulled).rejects.toMatchObject({ code: 'REG401', hint: `"auth" of a Registry for ${registry.host}` });
      else expect(await pulled).toMatchObject({ configDigest: built.config.digest });
    } finally {
      await anonymous.close();
    }
  });
});
