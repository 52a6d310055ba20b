import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { effectOf } from '../../../src/model/effects.ts';
import { fields, kindFacts } from '../../../src/model/generated/fields.ts';
import { actingKinds } from '../../../src/model/resource.ts';
import { one } from '../../support/manifests.ts';

interface Generator {
  generate(): Promise<Readonly<Record<string, string>>>;
}

test('the generated files are what schemas/ says', async () => {
  const script = '../../../scripts/generate.mjs';
  const { generate } = (await import(script)) as Generator;
  const wanted = await generate();
  expect(readdirSync('src/model/generated').sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, text] of Object.entries(wanted)) expect(readFileSync(`src/model/generated/${name}`, 'utf8') === text, name).toBe(true);
});

test('validators need no module when they run', () => {
  const code = readFileSync('src/model/generated/validators.ts', 'utf8');
  expect(code).not.toMatch(/\brequire\(|^import /m);
});

test('each printed schema stands alone and accepts the examples of its kind', async () => {
  const { schemas } = await import('../../../src/model/generated/schemas.ts');
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  expect(Object.keys(schemas)).toEqual(kindFacts.map(({ kind }) => kind));
  const ajv = new Ajv2020({ strict: false });
  const checks = new Map(Object.entries(schemas).map(([kind, schema]) => [kind, ajv.compile(schema as object)]));
  const examples = readdirSync('examples/manifests').filter((name) => name.endsWith('.yaml') && name !== 'variables.yaml');
  for (const name of examples) {
    for (const document of parseAllDocuments(readFileSync(`examples/manifests/${name}`, 'utf8'))) {
      const value = document.toJS() as { readonly kind: string };
      const check = checks.get(value.kind);
      expect(check?.(value), `${name}: ${JSON.stringify(check?.errors)}`).toBe(true);
    }
  }
});

describe('every field', () => {
  test('is described, has an effect class and a milestone', () => {
    for (const field of fields) {
      expect(field.description, field.path).toMatch(/\S.*[.)]$/);
      expect(() => effectOf(field.change), field.path).not.toThrow();
      expect(field.since, field.path).toMatch(/^M[1-4]$/);
    }
  });

  test('stands once', () => {
    const names = fields.map(({ kind, path }) => `${kind}.${path}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

test('all kinds of product.md 4.2 are known', () => {
  expect(kindFacts.map(({ kind }) => kind)).toEqual([
    'Container',
    'Image',
    'Network',
    'Volume',
    'Config',
    'Secret',
    'Job',
    'CronJob',
    'Registry',
    'EngineConfig',
  ]);
});

/** Each way a probe can ask, with all its fields. */
const probeChecks = [
  'exec: [a]',
  'httpGet: {path: /, port: 80, scheme: HTTPS, headers: {a: b}}',
  'tcpSocket: {port: 80}',
  'grpc: {port: 80, service: s}',
];
const probes = (check: string): string => ['startup', 'readiness', 'liveness'].map((name) => `\n  ${name}Probe: {${check}}`).join('');

/** A document of each kind in which every list and map has an entry; several where one cannot have them all. */
const { publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const full: Readonly<Record<string, string | readonly string[]>> = {
  Container: [
    ...probeChecks.map((check) => `\n  image: nginx${probes(check)}`),
    `
  image: nginx
  healthcheck: {test: [CMD, a]}
  env: {A: b}
  envFrom: [{config: c}]
  ports: ["80:80"]
  networks: {default: {ipv4: 10.0.0.2, aliases: [x]}}
  hostAliases: {partner: 192.0.2.7}
  mounts: ["v:/v", {config: c, path: /c}, {secret: s, path: /s}, "/h:/h", {tmpfs: {size: 1Mi, mode: "0700"}, path: /t}]
  dependsOn: [db]
  securityContext: {sysctls: {net.core.somaxconn: "1"}}`,
  ],
  Image: `\n  ref: nginx\n  verify: {keys: [${JSON.stringify(publicKey)}]}`,
  Network: ' {}',
  Volume: ' {}',
  Config: '\n  data: {a: b}',
  Secret: '\n  stringData: {a: b}\n  generate: {c: {}}\n  from: {secret: other, keys: [d]}',
};

/** Paths of a canonical spec: `ports[].hostPort`; names chosen by the author end a path. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'object') ? value.flatMap((item) => pathsOf(item, `${path}[]`)) : [path];
  if (
    typeof value !== 'object' ||
    value === null ||
    /(?:^|\.)(?:env|data|binaryData|values|generate|sysctls|hostAliases|headers)$/.test(path)
  )
    return [path];
  return Object.entries(value).flatMap(([name, child]) => pathsOf(child, path === '' ? name : `${path}.${name}`));
}

test.each(actingKinds)('schema fields and canonical names of %s agree', (kind) => {
  const documents = [full[kind] ?? []]
    .flat()
    .map((spec) => one(`apiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: x}\nspec:${spec}\n`));
  const canonical = new Set(documents.flatMap(({ spec }) => pathsOf(spec)));
  const named = new Set(fields.filter((field) => field.kind === kind && field.canonical !== null).map(({ canonical }) => canonical ?? ''));
  const isGroup = (path: string): boolean => [...canonical].some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`));
  // `env[].name` is the list form of `env`; `resources` only groups what is canonical under `limits`.
  const written = [...named].filter((path) => !/^env\[\]|^resources/.test(path) && !isGroup(path));
  expect(written.filter((path) => !canonical.has(path))).toEqual([]);
  // Null where nothing is written, and what tells one form from another.
  const isUnnamed = (path: string): boolean =>
    isGroup(path) ||
    /^(?:startupProbe|readinessProbe|livenessProbe|healthcheck)$/.test(path) ||
    /\.check\.type$|^mounts\[\]\.(?:type|files\.mode)$|^readinessProbe\.graceMs$/.test(path);
  expect([...canonical].filter((path) => !named.has(path) && !isUnnamed(path))).toEqual([]);
});
