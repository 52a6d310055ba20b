/** Images for tests, built on this machine from Debian packages, kept in .cache/images between runs. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addImage, tar } from '../../scripts/lib/oci-layout.mjs';
import { eventually } from './eventually.ts';
import { packageRoot, type TestHost } from './host.ts';

const cache = join(packageRoot, '.cache', 'images');

/** An OCI layout that has busybox with all its names as tag `1`, and the same with another greeting file as tag `2`. */
export function busyboxLayout(): string {
  return cached('busybox', (directory) => {
    const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
    const system = tar([
      ...['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'usr', 'var', 'www'].map((name) => ({ name, type: 'directory' as const })),
      { name: 'tmp', type: 'directory', mode: 0o1777 },
      { name: 'bin/busybox', content: readFileSync('/bin/busybox'), mode: 0o755 },
      ...applets.filter((name) => name !== 'busybox').map((name) => ({ name: `bin/${name}`, type: 'symlink' as const, link: 'busybox' })),
      { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
      { name: 'etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
    ]);
    for (const tag of ['1', '2']) {
      const page = tar([
        { name: 'www', type: 'directory' },
        { name: 'www/index.html', content: `busybox ${tag}\n` },
      ]);
      addImage(directory, {
        tag,
        layers: [system, page],
        config: { Cmd: ['httpd', '-f', '-v', '-p', '80', '-h', '/www'], Env: ['PATH=/bin'], WorkingDir: '/' },
      });
    }
  });
}

/** An OCI layout with a Debian root file system that has nginx, as tag `1`: what a real image of a distribution looks like. */
export function nginxLayout(): string {
  return cached('nginx', (directory) => {
    const archive = join(mkdtempSync(join(tmpdir(), 'tsdock-nginx-')), 'root.tar');
    execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', '--include=nginx-light', 'bookworm', archive], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    addImage(directory, {
      tag: '1',
      layers: [readFileSync(archive)],
      config: {
        Cmd: ['nginx', '-g', 'daemon off;'],
        Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
        StopSignal: 'SIGQUIT',
        ExposedPorts: { '80/tcp': {} },
      },
    });
    rmSync(archive);
  });
}

/** Builds `name` once: into a directory beside it and renamed, so that two test files at once do no harm. */
function cached(name: string, build: (directory: string) => void): string {
  const directory = join(cache, name);
  if (existsSync(join(directory, 'index.json'))) return directory;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, `${name}-`));
  build(fresh);
  if (existsSync(directory)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, directory);
  return directory;
}

export interface TestRegistry {
  /** `127.0.0.1:5000` inside the host's network namespace. */
  readonly address: string;
  /** Copies `tag` of a layout to `repository:tag` and returns the reference. */
  push(layout: string, repository: string, tag: string, as?: string): string;
}

/** Debian's docker-registry on the loopback of the test's network namespace, with storage of its own. */
export async function startRegistry(host: TestHost): Promise<TestRegistry> {
  const address = '127.0.0.1:5000';
  const config = host.write(
    'registry.yaml',
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(host.directory, 'registry')}}}\nhttp: {addr: '${address}'}\n`,
  );
  host.spawn('docker-registry', ['serve', config]);
  await eventually(() => host.fetch(`http://${address}/v2/`));
  return {
    address,
    push: (layout, repository, tag, as = tag) => {
      host.inNetwork('skopeo', [
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        `oci:${layout}:${tag}`,
        `docker://${address}/${repository}:${as}`,
      ]);
      return `${address}/${repository}:${as}`;
    },
  };
}
