import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Certificate } from './certificates.ts';
import { tokenIssuer, tokenService } from './token-server.ts';

/** The registry of the Debian package `docker-registry`, on loopback, with storage of its own. */
export interface RegistryServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Copies an image with skopeo: `push('oci:/layout:1', 'team/app:1')`. */
  push(source: string, name: string, options?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** User `ci`, password `geheim` (bcrypt). */
export const registryLogin = { user: 'ci', password: 'geheim' } as const;
const htpasswd = 'ci:$2y$05$abcdefghijklmnopqrstuuVWu8RjbNovPZWAMRdd7iqaaG0mI53Uu\n';

export interface RegistryServerOptions {
  /** Basic authentication as `registryLogin`. */
  readonly auth?: boolean;
  readonly tls?: Certificate;
  /** Tokens of a server with this realm, signed with what `ca` has issued. */
  readonly token?: { readonly realm: string; readonly ca: string };
}

export async function startRegistryServer(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-docker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(directory, 'htpasswd'), htpasswd);
  const { tls, token } = options;
  const needsLogin = options.auth === true || token !== undefined;
  for (const [name, text] of [
    ['tls.crt', tls?.cert],
    ['tls.key', tls?.key],
    ['tokens.crt', token?.ca],
  ] as const)
    if (text !== undefined) writeFileSync(join(directory, name), text);
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: {
      addr: host,
      ...(tls === undefined ? {} : { tls: { certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') } }),
    },
    ...(options.auth === true ? { auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } } } : {}),
    ...(token === undefined
      ? {}
      : {
          auth: {
            token: { realm: token.realm, service: tokenService, issuer: tokenIssuer, rootcertbundle: join(directory, 'tokens.crt') },
          },
        }),
  };
  writeFileSync(join(directory, 'config.yml'), JSON.stringify(config));
  const server = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  let errors = '';
  server.on('error', (error) => (errors += String(error)));
  server.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await untilAnswers(host, () => (server.exitCode === null && server.pid !== undefined ? null : `docker-registry ended: ${errors}`));
  return {
    host,
    async push(source, name, extra = []) {
      const credentials = needsLogin ? ['--dest-creds', `${registryLogin.user}:${registryLogin.password}`] : [];
      await promisify(execFile)('skopeo', [
        '--insecure-policy',
        'copy',
        '-q',
        '--dest-tls-verify=false',
        ...credentials,
        ...extra,
        source,
        `docker://${host}/${name}`,
      ]);
    },
    async stop() {
      server.kill();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', () => resolve()));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilAnswers(host: string, died: () => string | null): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const reason = died();
    if (reason !== null) throw new Error(reason);
    const answered = await fetch(`http://${host}/v2/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await delay(25);
  }
  throw new Error(`docker-registry does not answer on ${host}`);
}
