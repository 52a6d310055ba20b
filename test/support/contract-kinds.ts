/** What the contract suite is run with: every kind, alone and with what it uses. */
import { readdirSync } from 'node:fs';
import { type ContractOptions, describeContract } from './contract.ts';

/** Lines for the files below a path, for `residue`; an empty directory that stays is no state. */
export function filesOf(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => `file ${entry.name}`);
  } catch {
    return []; // nothing was made there
  }
}

const doc = (kind: string, name: string, spec: string): string =>
  `---\napiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

/** The contract of all kinds on the hosts of `make`. */
export function describeKinds(host: Omit<ContractOptions, 'samples'>): void {
  describeContract('Image', { ...host, samples: [{ name: 'declared', yaml: (at) => doc('Image', 'app', `{ref: "${at.image('1')}"}`) }] });
  describeContract('Network', {
    ...host,
    samples: [
      { name: 'from the pool', yaml: () => doc('Network', 'front', '{}') },
      { name: 'with a subnet', yaml: () => doc('Network', 'front', '{subnet: 10.99.7.0/24}') },
    ],
  });
  describeContract('Volume', { ...host, samples: [{ name: 'local', yaml: () => doc('Volume', 'data', '{reclaimPolicy: Delete}') }] });
  describeContract('Config', {
    ...host,
    samples: [{ name: 'two files', yaml: () => doc('Config', 'site', '{data: {a.conf: one, b.conf: two}}') }],
  });
  describeContract('Secret', {
    ...host,
    samples: [
      { name: 'given and generated', yaml: () => doc('Secret', 'db', '{stringData: {user: shop}, generate: {password: {length: 24}}}') },
      {
        name: 'of another',
        yaml: () =>
          doc('Secret', 'db', '{stringData: {user: shop, password: x}}') + doc('Secret', 'app', '{from: {secret: db, keys: [password]}}'),
      },
    ],
  });
  describeContract('Container', {
    ...host,
    samples: [
      { name: 'alone', yaml: (at) => doc('Container', 'web', `{image: "${at.image('1')}"}`) },
      {
        name: 'with ports, volume, config and secret',
        yaml: (at) =>
          doc('Volume', 'data', '{reclaimPolicy: Delete}') +
          doc('Config', 'site', '{data: {a.conf: one}}') +
          doc('Secret', 'db', '{stringData: {password: x}}') +
          doc(
            'Container',
            'web',
            `{image: "${at.image('1')}", replicas: 2, ports: ["8080:80"], mounts: [{volume: data, path: /data}, {config: site, path: /etc/site}, {secret: db, path: /run/db, mode: "0440", gid: 1000}]}`,
          ),
      },
    ],
  });
}
