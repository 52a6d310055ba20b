/** How registries are reached: what Registry objects, logins, certificates and proxies of the environment make of a pull. Every server writes down each header it gets. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type ImageOptions, type Images } from '../../../src/controllers/image/controller.ts';
import { defaultHttpLimits } from '../../../src/controllers/image/http.ts';
import type { SecretOf } from '../../../src/controllers/image/session.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { RegistrySpec } from '../../../src/model/spec.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { createFakeLayers, type FakeLayers } from '../../support/fake-layers.ts';
import { type BuiltImage, buildImage, type ImagePlan } from '../../support/image-builder.ts';
import { type Answer, type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';

const plan: ImagePlan = {
  name: '1',
  layers: [{ entries: [{ name: 'a', content: 'first' }] }, { entries: [{ name: 'b', content: 'second' }] }],
};
const built = buildImage(plan);
const http = { ...defaultHttpLimits, connectMs: 3000, headersMs: 5000, stallMs: 5000 };
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let authority: Authority;
let root: string;
let layers: FakeLayers;
let closing: (() => unknown)[];

beforeAll(() => {
  authority = createAuthority();
});
afterAll(() => authority.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-hosts-'));
  layers = createFakeLayers();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

/** Every name leads to loopback. */
const toLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

function images(options: Partial<ImageOptions> = {}, registries: readonly Partial<RegistrySpec>[] = []): Images {
  const made = createImages({
    stateDir: join(root, 'state'),
    layers,
    log: silentLogger,
    dockerConfig: null,
    registry: { http, tries: 2, firstWaitMs: 5 },
    network: { env: {}, lookup: toLoopback },
    ...options,
  });
  made.configure(registries.map((spec, index) => ({ name: `registry-${index + 1}`, spec: registrySpec(spec) })));
  closing.push(() => made.close());
  return made;
}

function registrySpec(over: Partial<RegistrySpec>): RegistrySpec {
  return { host: '', mirrors: [], auth: null, clientCertificate: null, ca: null, insecure: false, realms: [], verify: [], ...over };
}

async function server(names: readonly string[] = [], ca?: string): Promise<ScriptedRegistry> {
  const tls = names.length === 0 ? {} : { tls: { ...authority.issue(...names), ...(ca === undefined ? {} : { ca }) } };
  const made = await startScriptedRegistry(tls);
  closing.push(() => made.close());
  return made;
}

function publish(registry: ScriptedRegistry, repository = 'team/app', image: BuiltImage = built): void {
  registry.publish(repository, '1', image);
}

const pull = (from: Images, ref: string) => from.pull(ref, { signal: new AbortController().signal, report: () => undefined });

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TsdockError)) throw new Error(`no TsdockError: ${String(error)}`);
  return `${error.code} ${error.message}${error.hint === null ? '' : `; hint: ${error.hint}`}`;
}

/** Answers everything below /v2/ with 401 unless `accepts` says yes. */
function protect(
  registry: ScriptedRegistry,
  challenge: string,
  accepts: (authorization: string | undefined) => boolean,
  repository = 'team/app',
): void {
  const paths = [
    `manifests/1`,
    `manifests/${built.manifest.digest}`,
    ...[built.config, ...built.layers].map((blob) => `blobs/${blob.digest}`),
  ];
  for (const path of paths) {
    registry.script(`/v2/${repository}/${path}`, (request): Answer | null =>
      accepts(request.headers.authorization) ? null : { status: 401, headers: { 'www-authenticate': challenge } },
    );
  }
}

describe('mirrors', () => {
  test('are asked in order and spare the registry itself', async () => {
    const [first, second, own] = [await server(), await server(), await server()];
    publish(second);
    publish(own);
    const from = images({}, [{ host: own.host, mirrors: [first.host, second.host] }]);
    expect(await pull(from, `${own.host}/team/app:1`)).toMatchObject({ ref: `${own.host}/team/app:1`, digest: built.manifest.digest });
    expect(first.requests.map((request) => request.path)).toEqual(['/v2/team/app/manifests/1', '/v2/team/app/tags/list']);
    expect(own.requests).toEqual([]);
  });

  test('of Docker Hub get its images below their own path', async () => {
    const mirror = await server();
    publish(mirror, 'dockerhub/library/nginx');
    const from = images({}, [{ host: 'docker.io', mirrors: [`${mirror.host}/dockerhub`] }]);
    expect(await pull(from, 'nginx:1')).toMatchObject({ ref: 'docker.io/library/nginx:1' });
  });

  test.each<readonly [string, Answer]>([
    ['is down', { reset: true }],
    ['is ill', { status: 503 }],
    ['limits pulls', { status: 429 }],
    ['wants a login', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }],
    [
      'lies about the manifest',
      { headers: { 'content-type': built.manifest.mediaType, 'docker-content-digest': built.config.digest }, body: '{}' },
    ],
    ['shows a login page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ])('one that %s is left out', async (_, answer) => {
    const [mirror, own] = [await server(), await server()];
    publish(mirror);
    publish(own);
    mirror.script('/v2/team/app/manifests/1', () => answer);
    const from = images({}, [{ host: own.host, mirrors: [mirror.host] }]);
    expect(await pull(from, `${own.host}/team/app:1`)).toMatchObject({ digest: built.manifest.digest });
    expect(mirror.requests.length).toBe(1);
  });

  test('a blob that breaks off there goes on elsewhere, from where it was', async () => {
    const big = buildImage({ name: '1', layers: [{ entries: [{ name: 'a', content: 'x'.repeat(300_000) }], compression: 'none' }] });
    const [mirror, own] = [await server(), await server()];
    publish(mirror, 'team/app', big);
    publish(own, 'team/app', big);
    const [layer] = big.layers;
    const path = `/v2/team/app/blobs/${layer?.digest}`;
    mirror.script(path, () => ({ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '', cutAt: 100_000 }));
    await pull(images({}, [{ host: own.host, mirrors: [mirror.host] }]), `${own.host}/team/app:1`);
    expect(mirror.requestsOf(path).length).toBe(1);
    expect(own.requestsOf(path).map((request) => request.headers.range)).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test('a blob whose bytes were wrong is asked for elsewhere', async () => {
    const [mirror, own] = [await server(), await server()];
    publish(mirror);
    publish(own);
    const path = `/v2/team/app/blobs/${built.layers[0]?.digest}`;
    mirror.script(path, () => ({ body: Buffer.alloc(built.layers[0]?.size ?? 0, 7) }));
    await pull(images({}, [{ host: own.host, mirrors: [mirror.host] }]), `${own.host}/team/app:1`);
    expect([mirror.requestsOf(path).length, own.requestsOf(path).length]).toEqual([1, 1]);
  });

  test('the failure of the registry itself is the one people see', async () => {
    const [mirror, own] = [await server(), await server()];
    mirror.script('/v2/team/app/manifests/1', () => ({ status: 503 }));
    own.script('/v2/team/app/manifests/1', () => ({ status: 403 }));
    const from = images({}, [{ host: own.host, mirrors: [mirror.host] }]);
    expect(await failure(pull(from, `${own.host}/team/app:1`))).toMatch(
      new RegExp(`^REG403 ${own.host}: "team/app" not found or no access`),
    );
  });
});

describe('a login', () => {
  const secretOf = (name: string, data: Readonly<Record<string, string>>): SecretOf => {
    return async (key) => (key === `Secret/default/${name}` ? new Map(Object.entries(data)) : null);
  };

  test('of a Registry comes from its Secret and goes to its host only', async () => {
    const [own, mirror] = [await server(), await server()];
    publish(own);
    protect(own, 'Basic realm="x"', (authorization) => authorization === basic('ci', 'geheim'));
    const from = images({ secretOf: secretOf('team-login', { user: 'ci', password: 'geheim' }) }, [
      { host: own.host, auth: 'Secret/default/team-login', mirrors: [mirror.host] },
    ]);
    await pull(from, `${own.host}/team/app:1`);
    expect(mirror.requests.length).toBeGreaterThan(0);
    for (const request of mirror.requests) expect(request.headers).not.toHaveProperty('authorization');
  });

  test('that is refused is named with the Registry and the Secret it is from, never its value', async () => {
    const own = await server();
    protect(own, 'Basic realm="x"', () => false);
    const from = images({ secretOf: secretOf('team-login', { user: 'ci', password: 'geheim' }) }, [
      { host: own.host, auth: 'Secret/default/team-login' },
    ]);
    const text = await failure(pull(from, `${own.host}/team/app:1`));
    expect(text).toBe(`REG401 ${own.host} rejected user "ci" (from Registry "registry-1", secret team-login)`);
    expect(own.requests.length).toBe(2);
  });

  test('whose Secret is not there is told', async () => {
    const own = await server();
    protect(own, 'Basic realm="x"', () => false);
    const from = images({}, [{ host: own.host, auth: 'Secret/default/team-login' }]);
    expect(await failure(pull(from, `${own.host}/team/app:1`))).toBe(
      `REG401 ${own.host}: there is no login, Registry "registry-1", secret team-login does not exist`,
    );
  });

  test('an identity token is posted to the realm in a form and never shown to the registry', async () => {
    const own = await server();
    publish(own);
    protect(own, `Bearer realm="http://${own.host}/oauth2/token",service="reg"`, (authorization) => authorization === 'Bearer access');
    own.script('/oauth2/token', () => ({ body: JSON.stringify({ access_token: 'access', expires_in: 300 }) }));
    const from = images({ secretOf: secretOf('login', { token: 'refresh me' }) }, [{ host: own.host, auth: 'Secret/default/login' }]);
    await pull(from, `${own.host}/team/app:1`);
    const [asked, ...more] = own.requestsOf('/oauth2/token');
    expect(more).toEqual([]);
    expect(asked).toMatchObject({ method: 'POST', query: '' });
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'tsdock',
      refresh_token: 'refresh me',
      service: 'reg',
      scope: 'repository:team/app:pull',
    });
    for (const request of own.requestsOf('/v2/')) expect(JSON.stringify(request)).not.toContain('refresh');
  });

  test('an identity token does not follow a redirect', async () => {
    const [own, elsewhere] = [await server(), await server()];
    protect(own, `Bearer realm="http://${own.host}/token"`, () => false);
    own.script('/token', () => ({ status: 307, headers: { location: `http://${elsewhere.host}/token` } }));
    const from = images({ secretOf: secretOf('login', { token: 'refresh' }) }, [{ host: own.host, auth: 'Secret/default/login' }]);
    expect(await failure(pull(from, `${own.host}/team/app:1`))).toBe(`REG020 ${own.host} answered 307`);
    expect(elsewhere.requests).toEqual([]);
  });

  test('a token is used by later pulls of the same repository and login, and by no other', async () => {
    const own = await server();
    publish(own);
    publish(own, 'team/other');
    for (const repository of ['team/app', 'team/other'])
      protect(
        own,
        `Bearer realm="http://${own.host}/token",service="reg"`,
        (authorization) => authorization === `Bearer ${repository}`,
        repository,
      );
    own.script('/token', (request) => ({
      body: JSON.stringify({ token: /repository%3A(team%2F\w+)/.exec(request.url ?? '')?.[1]?.replace('%2F', '/') }),
    }));
    const from = images();
    await pull(from, `${own.host}/team/app:1`);
    await pull(from, `${own.host}/team/app:1`);
    expect(own.requestsOf('/token').length).toBe(1);
    await pull(from, `${own.host}/team/other:1`);
    expect(own.requestsOf('/token').length).toBe(2);
    const first = own.requestsOf('/v2/team/other/').map((request) => request.headers.authorization);
    expect(first).not.toContain('Bearer team/app');
  });

  test('a token of one login is not used for another', async () => {
    const own = await server();
    publish(own);
    protect(own, `Bearer realm="http://${own.host}/token"`, (authorization) => authorization !== undefined);
    own.script('/token', (_, nth) => ({ body: JSON.stringify({ token: `token-${nth}`, expires_in: 3600 }) }));
    const config = join(root, 'config.json');
    const logIn = (user: string) =>
      writeFileSync(config, JSON.stringify({ auths: { [own.host]: { auth: Buffer.from(`${user}:x`).toString('base64') } } }));
    const from = images({ dockerConfig: config });
    logIn('ann');
    await pull(from, `${own.host}/team/app:1`);
    logIn('bob');
    await pull(from, `${own.host}/team/app:1`);
    expect(own.requestsOf('/token').map((request) => request.headers.authorization)).toEqual([basic('ann', 'x'), basic('bob', 'x')]);
  });

  test('a token that expired is not shown again', async () => {
    const own = await server();
    publish(own);
    protect(own, `Bearer realm="http://${own.host}/token"`, (authorization) => authorization !== undefined);
    own.script('/token', (_, nth) => ({ body: JSON.stringify({ token: `token-${nth}`, expires_in: 120 }) }));
    let now = Date.now();
    const from = images({ now: () => now });
    await pull(from, `${own.host}/team/app:1`);
    now += 121_000;
    await pull(from, `${own.host}/team/app:1`);
    const shown = own.requestsOf('/v2/').map((request) => request.headers.authorization);
    expect(shown.lastIndexOf('Bearer token-0')).toBeLessThan(shown.indexOf('Bearer token-1'));
    expect(own.requestsOf('/token').length).toBe(2);
  });
});

describe('the config of docker login', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  /** A credential program whose answer depends on what it is asked. */
  function helper(name: string, script: string): void {
    const directory = join(root, 'bin');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, `docker-credential-${name}`), 0o755);
    process.env.PATH = `${directory}:${path}`;
  }
  function config(content: unknown): string {
    const file = join(root, 'config.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  }
  async function protectedServer(): Promise<ScriptedRegistry> {
    const own = await server();
    publish(own);
    protect(own, 'Basic realm="x"', (authorization) => authorization === basic('ci', 'geheim'));
    return own;
  }
  const answer = `echo '{"ServerURL":"x","Username":"ci","Secret":"geheim"}'`;

  test('asks the program of this host, by its standard input', async () => {
    const own = await protectedServer();
    helper('one', `[ "$1" = get ] || exit 2; read server; [ "$server" = "${own.host}" ] || exit 3; ${answer}`);
    await pull(images({ dockerConfig: config({ credHelpers: { [own.host]: 'one' }, credsStore: 'absent' }) }), `${own.host}/team/app:1`);
  });

  test('asks the program for all hosts', async () => {
    const own = await protectedServer();
    helper('all', answer);
    await pull(images({ dockerConfig: config({ auths: { [own.host]: {} }, credsStore: 'all' }) }), `${own.host}/team/app:1`);
  });

  test('a program that knows no login makes nobody of us', async () => {
    const own = await protectedServer();
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    const from = images({ dockerConfig: config({ credsStore: 'none' }) });
    expect(await failure(pull(from, `${own.host}/team/app:1`))).toContain(
      `not found or no access (anonymous); hint: "auth" of a Registry for ${own.host}, or a login in ${join(root, 'config.json')}`,
    );
  });

  test.each([
    ['is not there', 'absent', null, 'docker-credential-absent is not installed'],
    ['fails', 'bad', 'echo geheim; exit 7', 'docker-credential-bad ended with 7'],
    ['says no JSON', 'text', 'echo geheim', 'docker-credential-text answered without a login'],
    ['never stops talking', 'loud', 'exec yes geheim', 'docker-credential-loud answered more than 65536 bytes'],
    ['has no name of one', '../../bin/sh', null, 'the name of the credential program is none'],
  ])('a program that %s is told when a login would have been needed, without what it said', async (_, name, script, note) => {
    const own = await protectedServer();
    if (script !== null) helper(name, script);
    const text = await failure(pull(images({ dockerConfig: config({ credHelpers: { [own.host]: name } }) }), `${own.host}/team/app:1`));
    expect(text).toContain(`(anonymous: ${note})`);
    expect(text).not.toContain('geheim');
  });

  test('no program runs for a registry that wants no login', async () => {
    const own = await server();
    publish(own);
    helper('mark', `touch ${join(root, 'ran')}; ${answer}`);
    await pull(images({ dockerConfig: config({ credsStore: 'mark' }) }), `${own.host}/team/app:1`);
    await expect(import('node:fs/promises').then(({ stat }) => stat(join(root, 'ran')))).rejects.toThrow('ENOENT');
  });

  test('an identity token in it is traded', async () => {
    const own = await server();
    publish(own);
    protect(own, `Bearer realm="http://${own.host}/token"`, (authorization) => authorization === 'Bearer access');
    own.script('/token', (request) => (request.method === 'POST' ? { body: '{"access_token":"access"}' } : { status: 401 }));
    const auth = Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64');
    await pull(images({ dockerConfig: config({ auths: { [own.host]: { auth, identitytoken: 'refresh' } } }) }), `${own.host}/team/app:1`);
  });
});

describe('certificates', () => {
  test('of an own authority are trusted for the Registry that names it, and for no other', async () => {
    const own = await server(['registry.example.test']);
    publish(own);
    const host = `registry.example.test:${own.port}`;
    expect(await failure(pull(images(), `${host}/team/app:1`))).toMatch(
      /^TLS001 certificate of registry\.example\.test:\d+ is signed by an unknown authority.*; hint: if you trust it, put it into "ca" of a Registry/,
    );
    const from = images({}, [{ host, ca: authority.ca }]);
    expect(await pull(from, `${host}/team/app:1`)).toMatchObject({ digest: built.manifest.digest });
    const other = await server(['other.example.test']);
    expect(await failure(pull(from, `other.example.test:${other.port}/team/app:1`))).toMatch(/^TLS001 /);
  });

  test('of the client go to the registry and not where it redirects to', async () => {
    const own = await server(['registry.example.test'], authority.ca);
    const storage = await startScriptedRegistry({
      tls: { ...authority.issue('storage.example.test'), ca: authority.ca, client: 'wanted' },
    });
    closing.push(() => storage.close());
    publish(own);
    const [layer] = built.layers;
    own.script(`/v2/team/app/blobs/${layer?.digest}`, () => ({
      status: 307,
      headers: { location: `https://storage.example.test:${storage.port}/blob` },
    }));
    storage.script('/blob', () => ({ headers: { 'content-length': String(layer?.size) }, body: layer?.bytes ?? '' }));
    const host = `registry.example.test:${own.port}`;
    const { cert, key } = authority.issue('client');
    const secretOf: SecretOf = async () =>
      new Map([
        ['tls.crt', cert],
        ['tls.key', key],
      ]);
    await pull(images({ secretOf }, [{ host, ca: authority.ca, clientCertificate: 'Secret/default/client' }]), `${host}/team/app:1`);
    expect(new Set(own.requests.map((request) => request.client))).toEqual(new Set(['client']));
    expect(storage.requests.map((request) => request.client)).toEqual([null]);
  });

  test('that the server wants and nobody has are told', async () => {
    const own = await server(['registry.example.test'], authority.ca);
    const host = `registry.example.test:${own.port}`;
    expect(await failure(pull(images({}, [{ host, ca: authority.ca }]), `${host}/team/app:1`))).toMatch(
      /^(?:TLS001 registry\.example\.test:\d+ wants a client certificate; hint: "clientCertificate" of a Registry|REG030 cannot connect to )/,
    );
  });
});

describe('plain HTTP', () => {
  test('is spoken beyond loopback only to a Registry that says so', async () => {
    const own = await server();
    publish(own);
    const host = `registry.lan.test:${own.port}`;
    expect(await failure(pull(images(), `${host}/team/app:1`))).toBe(
      `TLS002 ${host} answers plain HTTP; hint: Registry "${host}" with "insecure: true" if you trust that network`,
    );
    expect(own.requests).toEqual([]);
    await pull(images({}, [{ host, insecure: true }]), `${host}/team/app:1`);
  });

  test('is not what a Registry with TLS can be sent to', async () => {
    const own = await server(['registry.example.test']);
    const plain = await server();
    const host = `registry.example.test:${own.port}`;
    own.script('/v2/team/app/manifests/1', () => ({ status: 307, headers: { location: `http://registry.example.test:${plain.port}/x` } }));
    expect(await failure(pull(images({}, [{ host, ca: authority.ca }]), `${host}/team/app:1`))).toMatch(/^REG021 .* redirects to http:/);
    expect(plain.requests).toEqual([]);
  });
});

describe('a realm', () => {
  const secretOf: SecretOf = async () =>
    new Map([
      ['user', 'ci'],
      ['password', 'geheim'],
    ]);

  test('of another owner gets no password unless the Registry allows it', async () => {
    const own = await server(['registry.example.test']);
    const tokens = await server(['login.elsewhere.test']);
    publish(own);
    protect(own, `Bearer realm="https://login.elsewhere.test:${tokens.port}/token"`, (authorization) => authorization === 'Bearer t');
    tokens.script('/token', () => ({ body: '{"token":"t"}' }));
    const host = `registry.example.test:${own.port}`;
    const settings = { host, ca: authority.ca, auth: 'Secret/default/login' } as const;
    expect(await failure(pull(images({ secretOf }, [settings]), `${host}/team/app:1`))).toBe(
      `REG021 ${host} wants your password sent to https://login.elsewhere.test:${tokens.port}/token; refused; hint: if that is right, allow this realm in its Registry`,
    );
    expect(tokens.requests).toEqual([]);
    await pull(images({ secretOf }, [{ ...settings, realms: [`login.elsewhere.test:${tokens.port}`] }]), `${host}/team/app:1`);
    expect(tokens.requests.map((request) => request.headers.authorization)).toEqual([basic('ci', 'geheim')]);
  });

  test('of another owner may be asked by nobody in particular', async () => {
    const own = await server(['registry.example.test']);
    const tokens = await server(['login.elsewhere.test']);
    publish(own);
    protect(own, `Bearer realm="https://login.elsewhere.test:${tokens.port}/token"`, (authorization) => authorization === 'Bearer t');
    tokens.script('/token', () => ({ body: '{"token":"t"}' }));
    const host = `registry.example.test:${own.port}`;
    await pull(images({}, [{ host, ca: authority.ca }]), `${host}/team/app:1`);
    expect(tokens.requests.every((request) => request.headers.authorization === undefined)).toBe(true);
  });

  test('that redirects does not take the password along', async () => {
    const own = await server(['registry.example.test', 'evil.test']);
    const evil = await server(['evil.test']);
    const host = `registry.example.test:${own.port}`;
    protect(own, `Bearer realm="https://${host}/token"`, () => false);
    own.script('/token', () => ({ status: 302, headers: { location: `https://evil.test:${evil.port}/steal` } }));
    evil.script('/steal', () => ({ body: '{"token":"t"}' }));
    await failure(pull(images({ secretOf }, [{ host, ca: authority.ca, auth: 'Secret/default/login' }]), `${host}/team/app:1`));
    expect(evil.requests.length).toBeGreaterThan(0);
    for (const request of evil.requests) expect(request.headers).not.toHaveProperty('authorization');
  });
});

describe('a proxy', () => {
  interface Proxy {
    readonly url: string;
    /** `CONNECT` targets with the login they came with. */
    readonly asked: { readonly target: string; readonly login: string | undefined }[];
  }
  async function proxy(status = 200): Promise<Proxy> {
    const asked: Proxy['asked'] = [];
    const made: Server = createServer();
    made.on('connect', (request, client) => {
      asked.push({ target: request.url ?? '', login: request.headers['proxy-authorization'] });
      if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      const upstream = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', () => resolve()));
    closing.push(() => void made.close());
    return { url: `http://user:pass@127.0.0.1:${(made.address() as AddressInfo).port}`, asked };
  }
  const noNames: LookupFunction = (_hostname, _options, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), '', 4);

  test('of the environment is used, finds the name itself and is the only one to see its login', async () => {
    const [own, between] = [await server(['registry.example.test']), await proxy()];
    publish(own);
    const host = `registry.example.test:${own.port}`;
    const from = images({ network: { env: { HTTPS_PROXY: between.url }, lookup: noNames } }, [{ host, ca: authority.ca }]);
    await pull(from, `${host}/team/app:1`);
    expect(new Set(between.asked.map(({ target }) => target))).toEqual(new Set([host]));
    expect(between.asked[0]?.login).toBe(basic('user', 'pass'));
    for (const request of own.requests) expect(request.headers).not.toHaveProperty('proxy-authorization');
  });

  test('is left out for hosts of NO_PROXY and for loopback', async () => {
    const [own, local, between] = [await server(['registry.example.test']), await server(), await proxy()];
    publish(own);
    publish(local);
    const host = `registry.example.test:${own.port}`;
    const env = { HTTPS_PROXY: between.url, HTTP_PROXY: between.url, NO_PROXY: '.example.test' };
    const from = images({ network: { env, lookup: toLoopback } }, [{ host, ca: authority.ca }]);
    await pull(from, `${host}/team/app:1`);
    await pull(from, `${local.host}/team/app:1`);
    expect(between.asked).toEqual([]);
  });

  test('that refuses is named, without its login', async () => {
    const between = await proxy(407);
    const from = images({ network: { env: { https_proxy: between.url } } });
    expect(await failure(pull(from, 'registry.example.test/team/app:1'))).toMatch(
      /^REG030 cannot connect to registry\.example\.test through proxy 127\.0\.0\.1:\d+: it answers 407, which wants a login in the URL of the proxy \(2 tries/,
    );
  });
});

describe('connections', () => {
  test('to one host are never more than allowed, however many images come', async () => {
    const own = await server();
    const many = buildImage({
      name: '1',
      layers: Array.from({ length: 12 }, (_, i) => ({ entries: [{ name: `f${i}`, content: `${i}` }] })),
    });
    publish(own, 'team/many', many);
    for (const layer of many.layers) own.script(`/v2/team/many/blobs/${layer.digest}`, () => ({ delayMs: 30 }));
    const from = images({ registry: { http: { ...http, perHost: 3 }, tries: 2, firstWaitMs: 5 }, parallelLayers: 12 });
    await pull(from, `${own.host}/team/many:1`);
    expect(own.peak()).toBe(3);
  });

  test('in all are never more than allowed', async () => {
    const both = [await server(), await server()];
    let open = 0;
    let peak = 0;
    const many = buildImage({
      name: '1',
      layers: Array.from({ length: 6 }, (_, i) => ({ entries: [{ name: `g${i}`, content: `${i}` }] })),
    });
    for (const [index, one] of both.entries()) {
      const image =
        index === 0
          ? many
          : buildImage({ name: '1', layers: Array.from({ length: 6 }, (_, i) => ({ entries: [{ name: `h${i}`, content: `${i}` }] })) });
      publish(one, 'team/many', image);
      for (const layer of image.layers) {
        one.script(`/v2/team/many/blobs/${layer.digest}`, () => {
          peak = Math.max(peak, ++open);
          setTimeout(() => open--, 30);
          return { delayMs: 30 };
        });
      }
    }
    const from = images({ registry: { http: { ...http, inAll: 4 }, tries: 2, firstWaitMs: 5 }, parallelLayers: 12 });
    await Promise.all(both.map((one) => pull(from, `${one.host}/team/many:1`)));
    expect(peak).toBeLessThanOrEqual(4);
    expect(peak).toBeGreaterThan(1);
  });

  test('do not wait for an address family that leads nowhere', async () => {
    const own = await server(['registry.example.test']);
    publish(own);
    const host = `registry.example.test:${own.port}`;
    const lookup: LookupFunction = (_hostname, options, callback) => {
      const found = [
        { address: '100::1', family: 6 }, // RFC 6666: everything sent there is dropped
        { address: '127.0.0.1', family: 4 },
      ];
      if (options.all === true) callback(null, found);
      else callback(null, '100::1', 6);
    };
    await pull(images({ network: { env: {}, lookup } }, [{ host, ca: authority.ca }]), `${host}/team/app:1`);
    expect(own.requests.length).toBeGreaterThan(0);
  });
});

describe('patience', () => {
  test('a registry that names a near time is asked again then, not before', async () => {
    const own = await server();
    publish(own);
    own.script('/v2/team/app/manifests/1', [{ status: 503, headers: { 'retry-after': '1' } }]);
    const begun = performance.now();
    await pull(images(), `${own.host}/team/app:1`);
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(own.requestsOf('/v2/team/app/manifests/1').length).toBe(2);
  });

  test('a registry that names a far time is left alone, with that time', async () => {
    const own = await server();
    own.script('/v2/team/app/manifests/1', () => ({ status: 503, headers: { 'retry-after': '600' } }));
    await expect(pull(images(), `${own.host}/team/app:1`)).rejects.toMatchObject({
      code: 'REG503',
      retryAt: expect.closeTo(Date.now() + 600_000, -5),
    });
    expect(own.requests.length).toBe(1);
  });
});
