import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../../src/manifest/graph.ts';
import { collectPaths, unknownHost } from '../../../src/manifest/graph-host.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { check, load, one, snapshotOf } from '../../support/manifests.ts';

function container(spec: string): Resource<'Container'> {
  const document = one(`apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n${spec}`);
  if (document.kind !== 'Container') throw new Error(document.kind);
  return document;
}

function other(kind: string, spec: string): ReturnType<typeof one> {
  return one(`apiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: x, namespace: shop}\nspec: ${spec}\n`);
}

describe('short and long forms of the same are one spec and one hash', () => {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['ports', '  ports: ["8080:80"]', '  ports: [{containerPort: 80, hostPort: 8080, protocol: TCP}]'],
    ['every address', '  ports: ["0.0.0.0:8080:80/tcp"]', '  ports: ["8080:80"]'],
    ['ports in another order', '  ports: ["8080:80", "90:9"]', '  ports: ["90:9", "8080:80"]'],
    ['port ranges', '  ports: ["6000-6001:7000-7001/udp"]', '  ports: ["6001:7001/udp", "6000:7000/udp"]'],
    ['named ports', '  ports: [80]', '  ports: ["80"]'],
    ['env', '  env: {A: "1", B: "2"}', '  env: [{name: B, value: "2"}, {name: A, value: "1"}]'],
    ['command', '  command: nginx -g "daemon off;"', '  command: [nginx, -g, "daemon off;"]'],
    ['networks', '  networks: [default]', '  networks: {default: {}}'],
    ['the default network', '', '  networks: {default: null}'],
    ['mounts', '  mounts: ["data:/d"]', '  mounts: [{volume: data, path: /d/}]'],
    ['read-only mounts', '  mounts: ["/etc/x:/x:ro"]', '  mounts: [{hostPath: /etc/x, path: /x, readOnly: true}]'],
    ['paths of the host', '  mounts: ["./x:/x"]', '  mounts: [{hostPath: /etc/tsdock/manifests/x, path: /x}]'],
    ['mounts in another order', '  mounts: ["a:/a", "b:/b"]', '  mounts: ["b:/b", "a:/a"]'],
    ['tmpfs', '  mounts: [{tmpfs: {}, path: /t, size: 1Mi}]', '  mounts: [{tmpfs: {size: 1048576}, path: /t, mode: "1777"}]'],
    ['durations', '  restartBackoff: {initial: 1500ms}', '  restartBackoff: {initial: 1.5}'],
    ['grace', '  terminationGracePeriodSeconds: 90', '  terminationGracePeriodSeconds: 1m30s'],
    ['sizes', '  shmSize: 1Gi', '  shmSize: 1024Mi'],
    ['cpu', '  resources: {limits: {cpu: 500m}}', '  resources: {limits: {cpu: 0.5}}'],
    ['dependsOn', '  dependsOn: [b, a]', '  dependsOn: {a: {condition: Started}, b: {timeout: 5m}}'],
    ['namespace of a reference', '  dependsOn: [a]', '  dependsOn: [default/a]'],
    ['signals', '  stopSignal: 15', '  stopSignal: term'],
    ['users', '  user: 1000', '  user: "1000"'],
    [
      'capabilities',
      '  securityContext: {capabilities: {add: [CAP_NET_RAW, chown]}}',
      '  securityContext: {capabilities: {add: [CHOWN, NET_RAW]}}',
    ],
    ['privileged', '  security: privileged', '  securityContext: {privileged: true}'],
    [
      'defaults written out',
      '',
      '  replicas: 1\n  restartPolicy: Always\n  init: true\n  shmSize: 64Mi\n  logging: {maxFiles: 5}\n  securityContext: {capabilities: {}}',
    ],
  ];
  test.each(pairs)('%s', (_name, left, right) => {
    expect(container(left).spec).toEqual(container(right).spec);
    expect(container(left).specHash).toBe(container(right).specHash);
  });
});

// The text that was hashed: {"kind":"Container","spec":{"image":"Image/_/docker.io/library/nginx:latest","networks":[{"network":"Network/default/default"}]}}
test('the hash is versioned and does not change from one release to the next', () => {
  expect(container('').specHash).toBe('v1:9fa58cdfead61a1516612f2f3ef2c859223f3ff68efc04cd84baee0a1b2ade7b');
});

describe('what a document says is in its spec', () => {
  test('images', () => {
    const images = [
      'nginx',
      'team/app:2',
      'ghcr.io/a/b',
      'localhost:5000/x',
      `x@sha256:${'a'.repeat(64)}`,
      'oci:./layout:v1',
      'docker-archive:/tmp/x.tar',
    ];
    const keys = images.map(
      (image) =>
        (one(`apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: "${image}"}`) as Resource<'Container'>).spec
          .image,
    );
    expect(keys).toEqual([
      'Image/_/docker.io/library/nginx:latest',
      'Image/_/docker.io/team/app:2',
      'Image/_/ghcr.io/a/b:latest',
      'Image/_/localhost:5000/x:latest',
      `Image/_/docker.io/library/x@sha256:${'a'.repeat(64)}`,
      'Image/_/oci:/etc/tsdock/manifests/layout:v1',
      'Image/_/docker-archive:/tmp/x.tar',
    ]);
  });

  test('mounts, sorted by target', () => {
    expect(
      container('  mounts: ["shop/data:/b", {config: c, path: /a, subPath: x.conf}, {tmpfs: {}, path: /c, size: 1Mi, mode: "0700"}]').spec
        .mounts,
    ).toEqual([
      {
        type: 'config',
        config: 'Config/default/c',
        target: '/a',
        subPath: 'x.conf',
        readOnly: true,
        files: { uid: null, gid: null, mode: null },
      },
      { type: 'volume', volume: 'Volume/shop/data', target: '/b', subPath: null, readOnly: false },
      { type: 'tmpfs', target: '/c', sizeBytes: 1_048_576, mode: 0o700, readOnly: false },
    ]);
  });

  test('networks and settings', () => {
    expect(other('Network', '{subnet: 10.5.0.0/24, gateway: 10.5.0.254, ipRange: 10.5.0.128/25, isolated: false, mtu: 1400}').spec).toEqual(
      {
        driver: 'bridge',
        subnet: '10.5.0.0/24',
        gateway: '10.5.0.254',
        ipRange: '10.5.0.128/25',
        isolated: false,
        masquerade: true,
        mtu: 1400,
        dns: { forwarders: [], domain: null },
      },
    );
  });

  test('volumes', () => {
    expect(other('Volume', '{driver: bind, hostPath: ../data, owner: {uid: 1, gid: 2, mode: "0750"}, reclaimPolicy: Delete}').spec).toEqual(
      {
        driver: 'bind',
        hostPath: '/etc/tsdock/data',
        accessMode: 'ReadWriteOnce',
        owner: { uid: 1, gid: 2, mode: 0o750 },
        reclaimPolicy: 'Delete',
      },
    );
  });

  test('names that are part of every JavaScript object are names like others', () => {
    const { documents, messages } = check({
      'a.yaml': `apiVersion: tsdock/v1
kind: Container
metadata: {name: constructor, labels: {__proto__: a, toString: b}}
spec:
  image: nginx
  env: {__proto__: x, constructor: y, hasOwnProperty: z}
  mounts: ["prototype:/p"]
---
apiVersion: tsdock/v1
kind: Volume
metadata: {name: prototype}
---
apiVersion: tsdock/v1
kind: Config
metadata: {name: x}
spec: {data: {__proto__: text, valueOf: text}}
`,
    });
    expect(messages).toEqual([]);
    expect(
      JSON.stringify(documents.map(({ spec, labels }) => ('env' in spec ? [spec.env, labels] : 'data' in spec ? spec.data : null))),
    ).toBe(
      '[[{"__proto__":"x","constructor":"y","hasOwnProperty":"z"},{"__proto__":"a","toString":"b"}],null,{"__proto__":"text","valueOf":"text"}]',
    );
    expect(({} as Record<string, unknown>).text).toBeUndefined();
    expect(JSON.parse(JSON.stringify(documents))).toHaveLength(3);
  });
});

test('references are edges with their places', () => {
  const refs = container('  networks: [front]\n  mounts: ["data:/d", {config: c, path: /c}]\n  dependsOn: [db]').refs;
  expect(refs.map(({ key, condition, origin }) => `${key} ${condition} ${origin.line}:${origin.column}`)).toEqual([
    'Image/_/docker.io/library/nginx:latest Present 5:10',
    'Network/default/front Present 6:14',
    'Volume/default/data Present 7:12',
    'Config/default/c Present 7:32',
    'Container/default/db Started 8:15',
  ]);
});

test('fields know their places, published ports and mounts also by what they are', () => {
  const { fields } = container('  env:\n    LOG_LEVEL: debug\n  ports:\n    - "8080:80"\n  resources:\n    limits:\n      memory: 1Gi');
  const place = (path: string): string => `${fields[path]?.line}:${fields[path]?.column}`;
  expect([
    place('env.LOG_LEVEL'),
    place('ports[0]'),
    place('ports'),
    place('ports[0.0.0.0:8080/tcp]'),
    place('resources.limits.memory'),
  ]).toEqual(['7:16', '9:7', '8:3', '9:7', '12:15']);
});

describe('the graph', () => {
  const web = 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web, namespace: shop}\nspec: {image: base, dependsOn: [api]}\n';
  const api = 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: api, namespace: shop}\nspec: {image: base}\n';
  const base = 'apiVersion: tsdock/v1\nkind: Image\nmetadata: {name: base, namespace: shop}\nspec: {ref: "nginx:1"}\n';

  test('adds one undeclared image for all its users, and the default network of each namespace', () => {
    const { graph } = check({ 'web.yaml': web, 'api.yaml': api });
    const implicit = [...graph.resources.values()].filter((resource) => resource.implicit);
    expect(implicit.map(({ key, set, origin }) => `${key} ${set} ${origin.file}`)).toEqual([
      'Image/_/docker.io/library/base:latest cli:shop api.yaml',
      'Network/shop/default cli:shop api.yaml',
    ]);
  });

  test('orders what is used before its user, then by key', () => {
    const { graph, messages } = check({ 'web.yaml': web, 'api.yaml': api, 'base.yaml': base });
    expect(messages).toEqual([]);
    expect(graph.order).toEqual(['Image/shop/base', 'Network/shop/default', 'Container/shop/api', 'Container/shop/web']);
  });

  test('is the union of the sets; the second set that names an object is told', () => {
    const { documents } = load({ 'api.yaml': api });
    const snapshots = [
      snapshotOf('cli:shop', documents),
      snapshotOf(
        'dir:/m',
        documents.map((document) => ({ ...document, set: 'dir:/m' })),
      ),
    ];
    const { graph, diagnostics } = buildGraph(snapshots, unknownHost);
    expect(diagnostics.map(({ code, key }) => [code, key])).toEqual([['SCH020', 'Container/shop/api']]);
    expect(graph.resources.get('Container/shop/api')?.set).toBe('cli:shop');
    expect([...graph.sets.keys()]).toEqual(['cli:shop', 'dir:/m']);
  });

  test('lets an object of a watched directory wait for what is not there yet', () => {
    const documents = load({ 'web.yaml': web }).documents.map((document) => ({ ...document, set: 'dir:/m' }));
    const { diagnostics } = buildGraph([snapshotOf('dir:/m', documents)], unknownHost);
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning REF001']);
  });

  test('lets an object of a watched directory wait for its bind source', () => {
    const text = 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: a}\nspec: {image: x, mounts: ["/srv:/srv"]}';
    const { documents } = load({ 'a.yaml': text });
    const host = { ...unknownHost, paths: new Map([['/srv', 'missing' as const]]) };
    const said = (set: string): readonly string[] =>
      buildGraph(
        [
          snapshotOf(
            set,
            documents.map((document) => ({ ...document, set })),
          ),
        ],
        host,
      ).diagnostics.map(({ severity, code }) => `${severity} ${code}`);
    expect([said('dir:/m'), said('cli:default')]).toEqual([['warning VOL001'], ['error VOL001']]);
  });

  test('orders a chain that is longer than the stack', () => {
    const last = container('');
    const key = (index: number) => `Container/default/c${index}` as const;
    const documents = Array.from(
      { length: 20_000 },
      (_, index): Resource<'Container'> => ({
        ...last,
        key: key(index),
        name: `c${index}`,
        refs: index === 19_999 ? [] : [{ key: key(index + 1), condition: 'Started', origin: last.origin }],
      }),
    );
    const { graph } = buildGraph([snapshotOf('cli:default', documents)], unknownHost);
    expect(graph.order).toEqual(Array.from({ length: 20_000 }, (_, index) => key(19_999 - index)));
  });

  test('asks for the paths it needs to know and for no others', () => {
    const { documents } = load({
      'a.yaml':
        'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: a}\nspec: {image: x, mounts: ["/b:/b", "./a:/a", {hostPath: /c, path: /c, create: true}, "v:/v"]}',
      'v.yaml': 'apiVersion: tsdock/v1\nkind: Volume\nmetadata: {name: v}\nspec: {driver: bind, hostPath: /srv}',
    });
    expect(collectPaths(documents)).toEqual(['/b', '/etc/tsdock/manifests/a', '/srv']);
  });
});

describe('what means nothing or contradicts itself is said', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['  networkMode: host\n  ports: ["80:80"]', 'PRT005'],
    ['  networkMode: none\n  networks: [front]', 'NET008'],
    ['  networkMode: host\n  hostAliases: {a: 192.0.2.1}', 'NET008'],
    ['  networkMode: none\n  dns: {searches: [a.test]}', 'NET008'],
    ['  hostAliases: {a: nowhere}', 'NET004'],
    ['  hostAliases: {"a b": 192.0.2.1}', 'SCH018'],
    ['  hostAliases: {"a\\n192.0.2.66 b": 192.0.2.1}', 'SCH018'],
    ['  dns: {servers: ["192.0.2.1\\nsearch x"]}', 'NET004'],
    ['  dns: {servers: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4]}', 'SCH004'],
    ['  dns: {searches: ["a b"]}', 'SCH018'],
    ['  dns: {options: ["ndots:2\\nnameserver 192.0.2.66"]}', 'SCH031'],
    ['  networks: [a, b]', 'SCH016'],
    ['  networks: {front: {ipv4: 10.0.0.5}}\n  replicas: 2', 'NET009'],
    ['  ports: ["8000-8001:80"]', 'PRT003'],
    ['  ports: ["8001-8000:8001-8000"]', 'PRT003'],
    ['  ports: ["[::1]:80:80"]', 'PRT004'],
    ['  ports: ["0:80"]', 'PRT001'],
    ['  ports: [":80"]', 'PRT003'],
    ['  mounts: [{path: /x}]', 'VOL002'],
    ['  mounts: [{volume: a, config: b, path: /x}]', 'VOL002'],
    ['  mounts: ["data"]', 'VOL002'],
    ['  mounts: ["data:/x:z"]', 'VOL006'],
    ['  mounts: ["data:x"]', 'VOL004'],
    ['  mounts: [{volume: a, path: /x, subPath: ../y}]', 'VOL004'],
    ['  mounts: [{volume: a, path: /x, size: 1Mi}]', 'VOL008'],
    ['  mounts: [{config: a, path: /x, readOnly: false}]', 'VOL008'],
    ['  mounts: ["a b:/x"]', 'REF003'],
    ['  dependsOn: [a/b/c]', 'REF003'],
    ['  hostname: "web\\n127.0.0.1"', 'SCH018'],
    ['  hostname: "a\\nb"', 'SCH018'],
    ['  workingDir: tmp', 'SCH019'],
    ['  user: "a:b:c"', 'SCH017'],
    ['  stopSignal: SIGTREM', 'SCH031'],
    ['  command: "sh -c \'x"', 'SCH033'],
    ['  env: [{name: A, value: "1"}, {name: A, value: "2"}]', 'SCH021'],
    ['  env: {"A=B": "1"}', 'SCH008'],
    ['  env: {A: {}}', 'SCH034'],
    ['  securityContext: {capabilities: {add: [NET_ADMINN]}}', 'SCH031'],
    ['  securityContext: {sysctls: {vm.swappiness: "1"}}', 'SEC004'],
    ['  replicas: -1', 'SCH004'],
    ['  shmSize: .inf', 'SCH003'],
    ['  resources: {limits: {cpu: -1}}', 'RES001'],
    ['  terminationGracePeriodSeconds: .nan', 'SCH003'],
    ['  ports:', 'SCH003'],
    ['  env: {A: "a\\0b"}', 'YAML016'],
    ['  env: {"a\\0": b}', 'YAML016'],
  ];
  test.each(rows)('%s', (spec, code) => {
    const { diagnostics, documents } = load({
      'web.yaml': `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n${spec}`,
    });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(documents).toEqual([]);
  });
});
