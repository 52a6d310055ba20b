/** Makes the quick start's image: an OCI layout in build/sample-image with two layers, system files and the server with its page. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addImage, tar } from './lib/oci-layout.mjs';
import { root } from './lib/setup.mjs';

export function buildSample() {
  const directory = join(root, 'build', 'sample-image');
  rmSync(directory, { recursive: true, force: true });
  const system = tar([
    { name: 'dev', type: 'directory' },
    { name: 'etc', type: 'directory' },
    { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/sbin/nologin\nweb:x:1000:1000:web:/srv:/sbin/nologin\n' },
    { name: 'etc/group', content: 'root:x:0:\nweb:x:1000:\n' },
    { name: 'proc', type: 'directory' },
    { name: 'sys', type: 'directory' },
    { name: 'tmp', type: 'directory', mode: 0o1777 },
  ]);
  const server = tar([
    { name: 'server', content: readFileSync(join(root, 'build', 'tsdock-sample')), mode: 0o755 },
    { name: 'srv', type: 'directory' },
    { name: 'srv/about.txt', content: 'A small static web server, written for the quick start of tsdock.\n' },
  ]);
  return addImage(directory, {
    tag: '1',
    layers: [system, server],
    config: {
      Entrypoint: ['/server'],
      Env: ['PATH=/', 'GREETING=Hello from tsdock'],
      WorkingDir: '/srv',
      User: 'web',
      ExposedPorts: { '80/tcp': {} },
    },
  });
}
