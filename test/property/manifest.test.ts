import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/manifest/diagnostic.ts';
import { buildGraph } from '../../src/manifest/graph.ts';
import { unknownHost } from '../../src/manifest/graph-host.ts';
import { loadManifests } from '../../src/manifest/load.ts';
import { manifestForm } from '../../src/model/manifest-form.ts';
import { formatReference, parseReference } from '../../src/model/reference.ts';
import type { AnyResource } from '../../src/model/resource.ts';
import { load, one, snapshotOf } from '../support/manifests.ts';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/);
const word = fc.stringMatching(/^[A-Za-z0-9_./ -]{0,12}$/);
const port = fc.integer({ min: 1, max: 65_535 });

/** Fields of a Container in the forms authors use. */
const containerFields = fc.record(
  {
    command: fc.array(word, { maxLength: 3 }),
    env: fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), word, { maxKeys: 4 }),
    tty: fc.boolean(),
    init: fc.boolean(),
    replicas: fc.integer({ min: 0, max: 5 }),
    ports: fc.uniqueArray(port, { maxLength: 3 }).map((ports) => ports.map((hostPort) => ({ containerPort: 80, hostPort }))),
    mounts: fc.uniqueArray(label, { maxLength: 3 }).map((names) => names.map((name) => ({ volume: name, path: `/mnt/${name}` }))),
    resources: fc.record({
      limits: fc.record(
        { memory: fc.constantFrom('64Mi', '1Gi', 268_435_456), cpu: fc.constantFrom(1, '500m', 2.5), pids: port },
        { requiredKeys: [] },
      ),
    }),
    restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
    restartBackoff: fc.record({ initial: fc.constantFrom('500ms', '1s', 2), max: fc.constantFrom('60s', '2m') }, { requiredKeys: [] }),
    terminationGracePeriodSeconds: fc.integer({ min: 0, max: 600 }),
    securityContext: fc.record(
      {
        readOnlyRootFilesystem: fc.boolean(),
        capabilities: fc.record({ add: fc.subarray(['CHOWN', 'NET_RAW', 'KILL']), drop: fc.subarray(['ALL']) }),
      },
      { requiredKeys: [] },
    ),
    logging: fc.record({ maxSize: fc.constantFrom('1Mi', '10Mi'), maxFiles: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** What normalize fills in: writing it out must change nothing. */
const defaults: Readonly<Record<string, unknown>> = {
  env: {},
  groups: [],
  tty: false,
  stdin: false,
  init: true,
  ports: [],
  networks: ['default'],
  networkMode: 'bridge',
  mounts: [],
  resources: { limits: {} },
  security: 'baseline',
  securityContext: {
    runAsNonRoot: false,
    allowPrivilegeEscalation: true,
    capabilities: { add: [], drop: [] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  shmSize: '64Mi',
  restartPolicy: 'Always',
  restartBackoff: { initial: '500ms', max: '60s', reset: '10m' },
  terminationGracePeriodSeconds: 10,
  dependsOn: [],
  replicas: 1,
  strategy: { type: 'Recreate' },
  logging: { driver: 'file', maxSize: '10Mi', maxFiles: 5, keepOld: 3 },
  state: 'Running',
};

const containerText = (spec: object): string =>
  JSON.stringify({ apiVersion: 'tsdock/v1', kind: 'Container', metadata: { name: 'web' }, spec: { image: 'nginx', ...spec } });

/** The same value with the keys of every map in another order. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const turn = entries.length === 0 ? 0 : seed % entries.length;
  const turned = [...entries.slice(turn), ...entries.slice(0, turn)];
  if (seed % 2 === 1) turned.reverse();
  return Object.fromEntries(turned.map(([key, child]) => [key, shuffled(child, seed + 1)]));
}

describe('the manifest form of a spec', () => {
  const rendered = (resource: AnyResource): string =>
    JSON.stringify({
      apiVersion: 'tsdock/v1',
      kind: resource.kind,
      metadata: { name: resource.name, namespace: resource.namespace },
      spec: manifestForm(resource.kind, resource.namespace, resource.spec),
    });

  test('gives the same spec when it is read again', () => {
    fc.assert(
      fc.property(containerFields, (spec) => {
        const resource = one(containerText(spec));
        const again = one(rendered(resource));
        expect(again.spec).toEqual(resource.spec);
        expect(again.specHash).toBe(resource.specHash);
      }),
    );
  });

  test.each([
    [
      'Container',
      '{image: "oci:/images/app:1", command: sleep 1, user: "1000:1000", groups: [5], hostname: a, domainname: b.c, workingDir: /x}',
    ],
    ['Container', '{image: nginx, networks: {default: {ipv4: 10.88.0.9, aliases: [db]}}, terminationGracePeriodSeconds: 1500ms}'],
    [
      'Container',
      '{image: nginx, networkMode: host, security: privileged, stopSignal: INT, maxRestarts: 3, state: Stopped, shmSize: 1000}',
    ],
    [
      'Container',
      '{image: nginx, dependsOn: {db: {condition: Started, timeout: 1m}, other/cache: {condition: Started}}, ports: ["53:53/udp", "127.0.0.1:81:80"]}',
    ],
    [
      'Container',
      '{image: nginx, mounts: ["data:/data:ro", {volume: other/logs, path: /logs, subPath: a}, {config: site, path: /c}, {hostPath: /srv, path: /srv, create: true},' +
        ' {tmpfs: {size: 1Mi, mode: "0700"}, path: /tmp}]}',
    ],
    [
      'Container',
      '{image: nginx, securityContext: {runAsUser: 5, runAsGroup: 6, runAsNonRoot: true, allowPrivilegeEscalation: false, seccompProfile: {type: Unconfined},' +
        ' sysctls: {net.core.somaxconn: "1024"}}}',
    ],
    ['Image', `{ref: "ghcr.io/a/b@sha256:${'0'.repeat(64)}"}`],
    ['Network', '{subnet: 10.5.0.0/16, gateway: 10.5.0.9, ipRange: 10.5.1.0/24, isolated: false, masquerade: false, mtu: 1400}'],
    ['Volume', '{driver: bind, hostPath: /srv, accessMode: ReadWriteMany, owner: {uid: 1, mode: "0750"}, reclaimPolicy: Delete}'],
    ['Config', '{data: {a.conf: "x: 1\\n", empty: ""}, binaryData: {b: "AAE="}, interpolate: true, immutable: true}'],
    ['Container', '{image: nginx, mounts: [{config: c, path: /c, uid: 5}, {secret: other/s, path: /s, subPath: k, gid: 6, mode: "0440"}]}'],
    ['Secret', '{generate: {a: {length: 9, charset: hex}}, from: {secret: other/root, keys: [b]}}'],
    [
      'Registry',
      '{host: a.test, mirrors: [m.test/x], auth: {secret: login}, clientCertificate: {secret: other/cert}, realms: [b.test], insecure: true}',
    ],
  ])('gives the same %s %s', (kind, spec) => {
    const resource = one(`apiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n`);
    expect(one(rendered(resource)).spec).toEqual(resource.spec);
  });
});

describe('the hash', () => {
  test('ignores the order of keys', () => {
    fc.assert(
      fc.property(containerFields, fc.nat(50), (spec, seed) => {
        const left = one(containerText(spec));
        const right = one(JSON.stringify(shuffled(JSON.parse(containerText(spec)), seed)));
        expect(right.specHash).toBe(left.specHash);
        expect(right.spec).toEqual(left.spec);
      }),
    );
  });

  test('ignores defaults that are written out', () => {
    fc.assert(
      fc.property(containerFields, fc.subarray(Object.keys(defaults)), (spec, written) => {
        const added = Object.fromEntries(written.filter((name) => !(name in spec)).map((name) => [name, defaults[name]]));
        expect(one(containerText({ ...spec, ...added })).specHash).toBe(one(containerText(spec)).specHash);
      }),
    );
  });

  test('is equal exactly when the canonical specs are', () => {
    fc.assert(
      fc.property(containerFields, containerFields, (left, right) => {
        const [a, b] = [one(containerText(left)), one(containerText(right))];
        expect(a.specHash === b.specHash).toBe(JSON.stringify(a.spec) === JSON.stringify(b.spec));
      }),
    );
  });
});

/** A few objects that use each other, in arbitrary files. */
const objects = fc.uniqueArray(label, { minLength: 1, maxLength: 6 }).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        uses: fc.subarray(names.filter((other) => other < name)),
        image: fc.constantFrom(...names, 'nginx'),
      }),
    ),
  ),
);

function objectTexts(list: readonly { name: string; uses: string[]; image: string }[]): readonly string[] {
  return list.flatMap(({ name, uses, image }, index) => {
    const text = (kind: string, spec: string): string => `apiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
    const container = text('Container', JSON.stringify({ image, dependsOn: uses, mounts: [`${name}:/data`] }));
    return [container, text('Volume', '{}'), ...(index % 2 === 0 ? [text('Image', '{ref: "registry.test/x:1"}')] : [])];
  });
}

test('order of documents and their split into files do not matter', () => {
  fc.assert(
    fc.property(objects, fc.infiniteStream(fc.nat(3)), (list, choices) => {
      const texts = objectTexts(list);
      const files = new Map<string, string[]>();
      for (const text of texts) {
        const name = `${choices.next().value}.yaml`;
        const at = choices.next().value % 2 === 0 ? 'unshift' : 'push';
        const group = files.get(name) ?? [];
        group[at](text);
        files.set(name, group);
      }
      const whole = graphOf({ 'all.yaml': texts.join('---\n') });
      const split = graphOf(Object.fromEntries([...files].map(([name, group]) => [name, group.join('---\n')])));
      expect(split).toEqual(whole);
    }),
  );
});

/** Everything of a graph but positions. */
function graphOf(files: Readonly<Record<string, string>>): unknown {
  const { documents } = load(files);
  const { graph, diagnostics } = buildGraph([snapshotOf('cli:default', documents)], unknownHost);
  const bare = (resource: AnyResource): unknown => ({ ...resource, origin: null, fields: null, refs: resource.refs.map(({ key }) => key) });
  return {
    resources: [...graph.resources].map(([key, resource]) => [key, bare(resource)]),
    order: graph.order,
    codes: diagnostics.map(({ code }) => code).sort(),
  };
}

test('what is used stands before its user', () => {
  fc.assert(
    fc.property(objects, (list) => {
      const { documents } = load({ 'all.yaml': objectTexts(list).join('---\n') });
      const { graph } = buildGraph([snapshotOf('cli:default', documents)], unknownHost);
      const place = new Map(graph.order.map((key, index) => [key, index]));
      expect(place.size).toBe(graph.resources.size);
      for (const resource of graph.resources.values()) {
        for (const ref of resource.refs) expect(place.get(ref.key) ?? -1).toBeLessThan(place.get(resource.key) ?? 0);
      }
    }),
  );
});

// ---------------------------------------------------------------------------------------------------------------------- robustness

/** Loading, checking and printing; every diagnostic lies in the text. */
function survive(file: string, text: string | Uint8Array): void {
  const loaded = loadManifests([{ file, text }], { set: (namespace) => `cli:${namespace}`, namespace: 'default' });
  const built = buildGraph([snapshotOf('cli:default', loaded.documents)], unknownHost);
  const all = [...loaded.diagnostics, ...built.diagnostics];
  formatDiagnostics(all, { frame: true });
  for (const { line, column } of all) {
    expect(line ?? 1).toBeGreaterThanOrEqual(1);
    expect(column ?? 1).toBeGreaterThanOrEqual(1);
  }
  for (const document of loaded.documents) expect(document.specHash).toMatch(/^v1:[0-9a-f]{64}$/);
}

const sample = `# comment
apiVersion: tsdock/v1
kind: Container
metadata: {name: web, labels: {app: web}}
spec:
  image: &image "nginx:1.29"
  command: [nginx, -g, 'daemon off;']
  env:
    A: |
      text
    B: *image
  ports: ["127.0.0.1:8080-8082:80-82/tcp", {containerPort: 53, protocol: UDP}]
  mounts: ["data:/d:ro", {tmpfs: {}, path: /t, size: 64Mi, mode: "1777"}]
  resources: {limits: {memory: 64Mi, cpu: 500m}}
---
{"apiVersion": "tsdock/v1", "kind": "Volume", "metadata": {"name": "data"}}
`;

describe('loading never throws', () => {
  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('x.yaml', 'x.json'), (bytes, file) => survive(file, bytes)),
      { numRuns: 300 },
    );
  });

  test('random text made of the characters of YAML', () => {
    const character = fc.constantFrom(
      ...'{}[]:,-?!&*|>\'"%@`#~<= \n\t\r.abz019_/\\$'.split(''),
      'kind: ',
      'spec:\n',
      '---\n',
      '<<: ',
      '\u0000',
      '\uFEFF',
      'é',
      '__proto__: ',
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 120 }), (parts) => survive('x.yaml', parts.join(''))),
      { numRuns: 400 },
    );
  });

  test('a valid manifest with bytes changed, removed or doubled', () => {
    const bytes = Buffer.from(sample);
    const edit = fc.record({ at: fc.nat(bytes.length - 1), how: fc.constantFrom('change', 'remove', 'double'), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = Uint8Array.from(bytes);
        for (const { at, how, to } of edits) {
          const [before, after] = [text.subarray(0, at), text.subarray(at + 1)];
          const middle = how === 'remove' ? [] : how === 'double' ? [text[at] ?? 0, text[at] ?? 0] : [to];
          text = Uint8Array.from([...before, ...middle, ...after]);
        }
        survive('x.yaml', text);
      }),
      { numRuns: 400 },
    );
  });

  test('any value in any field', () => {
    const names = [
      'image',
      'command',
      'env',
      'ports',
      'networks',
      'mounts',
      'resources',
      'securityContext',
      'dependsOn',
      'user',
      'hostname',
      'strategy',
      'shmSize',
      'stopSignal',
      'labels',
      '__proto__',
    ];
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('a:b:c', '1:2', '/x:/y', '10.0.0.1', -1, 1e300, 'oci:', '@', '{{ x }}'),
      fc.array(
        fc.dictionary(
          fc.constantFrom('path', 'volume', 'tmpfs', 'containerPort', 'hostPort', 'name', 'value', 'mode', 'size'),
          fc.jsonValue({ maxDepth: 1 }),
        ),
      ),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), value),
        fc.constantFrom('Container', 'Image', 'Network', 'Volume', 'Config', 'EngineConfig', 'Job'),
        (spec, kind) => {
          survive('x.json', JSON.stringify({ apiVersion: 'tsdock/v1', kind, metadata: { name: 'x' }, spec }));
        },
      ),
      { numRuns: 400 },
    );
  });
});

test('a reference that was written canonically reads as itself', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^([a-z0-9.-]{1,9}(:\d{1,5})?\/)?[a-z0-9._/-]{1,20}(:[\w.-]{1,9})?$/));
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseReference(written);
      if (!parsed.ok) return;
      const canonical = formatReference(parsed.reference);
      expect(parseReference(canonical)).toEqual(parsed);
    }),
    { numRuns: 2000 },
  );
});
