/** The contract of the controllers on the in-memory kernel. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControllers, type WiredControllers } from '../../src/controllers/index.ts';
import { silentLogger } from '../../src/model/log.ts';
import { type ContractHost, describeContract } from '../support/contract.ts';
import { buildLayout } from '../support/image-builder.ts';
import { World } from '../support/world.ts';

function makeWorldHost(): ContractHost {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-contract-'));
  const layout = join(directory, 'layout');
  mkdirSync(layout);
  mkdirSync(join(directory, 'proc'));
  buildLayout(layout, [
    { name: '1', layers: [{ entries: [{ name: 'app', content: 'one', mode: 0o755 }] }], run: { Entrypoint: ['/app'] } },
  ]);
  const world = new World({ now: Date.now });
  const wire = (): WiredControllers => {
    world.killEngine();
    const common = { native: world.native(), stateDir: join(directory, 'state'), runDir: join(directory, 'run'), prefix: 'tsc' };
    mkdirSync(common.stateDir, { recursive: true });
    mkdirSync(common.runDir, { recursive: true });
    return createControllers({
      ...common,
      log: silentLogger,
      now: Date.now,
      random: Math.random,
      image: { dockerConfig: null },
      procDir: join(directory, 'proc'),
      resolvPaths: [],
    });
  };
  return {
    controllers: () => wire().controllers,
    network: wire().network,
    image: (tag) => `oci:${layout}:${tag}`,
    residue: () => [
      ...world.describe(),
      ...filesOf(join(directory, 'run')),
      ...filesOf(join(directory, 'state', 'volumes')),
      ...filesOf(join(directory, 'state', 'upper')),
    ],
    fault: (call, fault) => world.fault(call, fault),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Files only: an empty directory that stays is no state. */
function filesOf(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => `file ${entry.name}`);
  } catch {
    return []; // nothing was made there
  }
}

const doc = (kind: string, name: string, spec: string): string =>
  `---\napiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const make = makeWorldHost;

describeContract('Image', { make, samples: [{ name: 'declared', yaml: (host) => doc('Image', 'app', `{ref: "${host.image('1')}"}`) }] });
describeContract('Network', {
  make,
  samples: [
    { name: 'from the pool', yaml: () => doc('Network', 'front', '{}') },
    { name: 'with a subnet', yaml: () => doc('Network', 'front', '{subnet: 10.99.7.0/24}') },
  ],
});
describeContract('Volume', { make, samples: [{ name: 'local', yaml: () => doc('Volume', 'data', '{reclaimPolicy: Delete}') }] });
describeContract('Config', {
  make,
  samples: [{ name: 'two files', yaml: () => doc('Config', 'site', '{data: {a.conf: one, b.conf: two}}') }],
});
describeContract('Container', {
  make,
  samples: [
    { name: 'alone', yaml: (host) => doc('Container', 'web', `{image: "${host.image('1')}"}`) },
    {
      name: 'with ports, volume and config',
      yaml: (host) =>
        doc('Volume', 'data', '{reclaimPolicy: Delete}') +
        doc('Config', 'site', '{data: {a.conf: one}}') +
        doc(
          'Container',
          'web',
          `{image: "${host.image('1')}", replicas: 2, ports: ["8080:80"], mounts: [{volume: data, path: /data}, {config: site, path: /etc/site}]}`,
        ),
    },
  ],
});
