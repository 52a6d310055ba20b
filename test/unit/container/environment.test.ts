import { expect, test } from 'vitest';
import { diffContainer } from '../../../src/controllers/container/diff.ts';
import { environmentOf } from '../../../src/controllers/container/environment.ts';
import { replaceHashOf, updateHashOf } from '../../../src/controllers/container/hashes.ts';
import { openEnvironment } from '../../../src/controllers/container/open-environment.ts';
import type { ContainerCreateInput } from '../../../src/model/plan.ts';
import { type Resource, resourceKey } from '../../../src/model/resource.ts';
import type { ContainerSpec } from '../../../src/model/spec.ts';
import { config, container, containerSpec, image, instance, observedContainer, record, view, webKey } from '../../support/samples.ts';

const siteKey = resourceKey('Config', 'shop', 'site');
const dbKey = resourceKey('Secret', 'shop', 'db');
const site = config({ LEVEL: 'info', SIZE: '1' });

function db(hashes: Readonly<Record<string, string>>): Resource<'Secret'> {
  const values = Object.fromEntries(
    Object.entries(hashes).map(([key, hash]) => [key, { form: 'sealed', hash: `hmac:${hash}`, box: 'box' } as const]),
  );
  return { ...site, key: dbKey, kind: 'Secret', name: 'db', spec: { values, generate: {}, from: null } } as Resource<'Secret'>;
}

const password = { source: dbKey, key: 'password', optional: false } as const;
const from = (source: typeof siteKey | typeof dbKey, over = {}) => ({ source, prefix: '', optional: false, ...over });
const environment = (spec: Partial<ContainerSpec>, ...desired: readonly Resource[]) =>
  environmentOf(container(spec), view({ desired: [image(), ...desired] as never }));

test('later sources override earlier ones, env overrides all of them, and a written text leaves nothing to look up', () => {
  const found = environment(
    { envFrom: [from(siteKey), from(dbKey, { prefix: 'S_' }), from(siteKey, { prefix: 'X_' })], env: { SIZE: '2', LEVEL: password } },
    site,
    db({ password: '1' }),
  );
  expect(found).toMatchObject({
    is: 'known',
    values: { X_LEVEL: 'info', X_SIZE: '1', S_password: { owner: dbKey }, LEVEL: { owner: dbKey, key: 'password' } },
  });
  expect(found.is === 'known' && Object.keys(found.values).sort()).toEqual(['LEVEL', 'S_password', 'X_LEVEL', 'X_SIZE']);
  expect(found.is === 'known' && found.hashes.LEVEL).toBe('hmac:1');
});

test('what is missing holds the container up with its reason, unless it is optional', () => {
  expect(environment({ env: { P: password } })).toMatchObject({ is: 'unknown', code: 'SecretMissing' });
  expect(environment({ env: { P: password } }, db({ other: '1' }))).toMatchObject({ is: 'unknown', code: 'SecretMissing' });
  expect(environment({ envFrom: [from(siteKey)] })).toMatchObject({ is: 'unknown', code: 'ConfigMissing' });
  const optional = { optional: true };
  expect(environment({ env: { P: { ...password, ...optional } }, envFrom: [from(siteKey, optional)] })).toMatchObject({
    is: 'known',
    values: {},
  });
  expect(environment({ env: { P: { ...password, ...optional } } }, db({ other: '1' }))).toMatchObject({ is: 'known', values: {} });
});

test('another value replaces the container and is told by its variable, redacted', () => {
  const spec = { env: { P: password, L: { source: siteKey, key: 'LEVEL', optional: false } } } as const;
  const desired = container(spec);
  const running = instance({
    replaceHash: replaceHashOf(desired.spec),
    updateHash: updateHashOf(desired.spec),
    environment: { P: 'hmac:1', L: 'sha256:0' },
  });
  const facts = {
    desired: [image(), site, db({ password: '2' })] as never,
    records: [record(webKey, { lastApplied: containerSpec(spec) })],
  };
  const { change } = diffContainer(desired, observedContainer([running]), view(facts));
  expect(change).toMatchObject({ action: 'replace', reason: 'L, P changed' });
  expect(change?.fields).toMatchObject([
    { path: 'env.L', from: 'sha256:0', effect: 'replace' },
    { path: 'env.P', from: { redacted: true }, to: { redacted: true, changed: true }, effect: 'replace' },
  ]);
});

const input = (values: ContainerCreateInput['environment']): ContainerCreateInput =>
  ({ resource: container(), slot: 2, uid: 'u9', networks: [], environment: values }) as never;
const sealed = { owner: dbKey, key: 'password', sealed: { form: 'sealed', hash: 'hmac:1', box: '' } } as const;
const options = (bytes: Buffer, memory = true) => ({ open: () => Promise.resolve(bytes), isInMemory: () => Promise.resolve(memory) });

test('values are opened last of all, facts are those of the instance', async () => {
  const values = { A: 'text', N: { field: 'metadata.name' }, U: { field: 'metadata.uid' }, P: sealed } as const;
  expect(await openEnvironment(input(values), options(Buffer.from('hunter2')))).toEqual({ A: 'text', N: 'web-2', U: 'u9', P: 'hunter2' });
});

test.each([
  ['SEC013', Buffer.from('hunter2\0'), true],
  ['SEC013', Buffer.from([0xff, 0xfe]), true],
  ['SEC010', Buffer.from('hunter2'), false],
] as const)('%s keeps a value from where it cannot or must not be', async (code, bytes, memory) => {
  const error = await openEnvironment(input({ P: sealed }), options(bytes, memory)).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('hunter2');
});
