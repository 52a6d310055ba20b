import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addIdentity, encryptAge, recipientsOf } from '../../../src/controllers/config/age.ts';
import { createSealer } from '../../../src/controllers/config/seal.ts';
import { loadManifests } from '../../../src/manifest/load.ts';
import type { AnyResource, Resource } from '../../../src/model/resource.ts';
import { secretContent } from '../../../src/model/secret.ts';
import { snapshotOf } from '../../support/manifests.ts';
import { scratch } from '../../support/scratch.ts';

const marker = 'kU9-marker-of-a-secret';

function documents(spec: string): readonly AnyResource[] {
  const text = `apiVersion: tsdock/v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nspec: ${spec}\n`;
  const loaded = loadManifests([{ file: 's.yaml', text }], { set: () => 'cli:shop', namespace: 'default' });
  expect(loaded.diagnostics).toEqual([]);
  return loaded.documents;
}

async function sealOn(stateDir: string, spec: string, known: Resource<'Secret'> | null = null, purpose: 'apply' | 'plan' = 'apply') {
  const sealer = createSealer({ stateDir });
  const [snapshot] = await sealer.sealSnapshots([snapshotOf('cli:shop', documents(spec))], () => known as AnyResource | null, purpose);
  const secret = snapshot?.documents[0] as unknown as Resource<'Secret'>;
  const open = async (key: string): Promise<string> => {
    const content = secretContent(secret, () => null);
    const value = content.is === 'known' ? content.values[key] : undefined;
    if (value === undefined) throw new Error(`${key} is not known`);
    return (await sealer.open(value)).toString();
  };
  return { secret, open, sealer };
}

test('a sealed document holds neither the value nor a hash that somebody without the key could make', async () => {
  const one = await sealOn(scratch(), `{stringData: {password: ${marker}}}`);
  const other = await sealOn(scratch(), `{stringData: {password: ${marker}}}`);
  const text = JSON.stringify(one.secret);
  expect(text).not.toContain(marker);
  expect(text).not.toContain(Buffer.from(marker).toString('base64'));
  expect(one.secret.specHash).toMatch(/^v1:[0-9a-f]{64}$/);
  expect(one.secret.specHash).not.toBe(other.secret.specHash);
  expect(await one.open('password')).toBe(marker);
});

test('the key of the store is made once, for root alone, by whoever applies and never by a plan', async () => {
  const stateDir = scratch();
  await sealOn(stateDir, '{stringData: {a: b}}', null, 'plan');
  expect(existsSync(join(stateDir, 'keys'))).toBe(false);
  const { secret } = await sealOn(stateDir, '{stringData: {a: b}}');
  const path = join(stateDir, 'keys/store.key');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(stateDir, 'keys')).mode & 0o777).toBe(0o700);
  const key = readFileSync(path);
  const again = await sealOn(stateDir, '{stringData: {a: b}}');
  expect(readFileSync(path).equals(key)).toBe(true);
  expect(again.secret.specHash).toBe(secret.specHash);
});

test('an equal value keeps its box, another one gets another', async () => {
  const stateDir = scratch();
  const { secret } = await sealOn(stateDir, '{stringData: {a: "1", b: "2"}}');
  const again = await sealOn(stateDir, '{stringData: {a: "1", b: "3"}}', secret);
  expect(again.secret.spec.values.a).toEqual(secret.spec.values.a);
  expect(again.secret.spec.values.b).not.toEqual(secret.spec.values.b);
});

test('a box opens under its own name only, and not after it was changed', async () => {
  const stateDir = scratch();
  const { secret, sealer } = await sealOn(stateDir, '{stringData: {a: x, b: y}}');
  const { a, b } = secret.spec.values;
  if (a?.form !== 'sealed' || b?.form !== 'sealed') throw new Error('not sealed');
  await expect(sealer.open({ owner: secret.key, key: 'a', sealed: b })).rejects.toMatchObject({ code: 'SEC011' });
  await expect(sealer.open({ owner: 'Secret/other/db', key: 'a', sealed: a })).rejects.toMatchObject({ code: 'SEC011' });
  const changed = Buffer.from(a.box, 'base64');
  changed[14] = (changed[14] ?? 0) ^ 1;
  await expect(sealer.open({ owner: secret.key, key: 'a', sealed: { ...a, box: changed.toString('base64') } })).rejects.toMatchObject({
    code: 'SEC011',
  });
  rmSync(join(stateDir, 'keys/store.key'));
  await expect(createSealer({ stateDir }).open({ owner: secret.key, key: 'a', sealed: a })).rejects.toMatchObject({ code: 'SEC011' });
});

test('a generated value is kept, whatever becomes of its rule, until it is renewed', async () => {
  const stateDir = scratch();
  const first = await sealOn(stateDir, '{generate: {password: {length: 24}, token: {length: 12, charset: hex}}}');
  const password = await first.open('password');
  expect(password).toMatch(/^[A-Za-z0-9]{24}$/);
  expect(await first.open('token')).toMatch(/^[0-9a-f]{12}$/);
  const later = await sealOn(stateDir, '{generate: {password: {length: 40}}}', first.secret);
  expect(await later.open('password')).toBe(password);
  expect(later.secret.specHash).not.toBe(first.secret.specHash);
  const renewed = await later.sealer.renew(later.secret, null);
  const content = secretContent(renewed, () => null);
  const value = content.is === 'known' ? content.values.password : undefined;
  expect(value === undefined ? '' : (await later.sealer.open(value)).toString()).toMatch(/^[A-Za-z0-9]{40}$/);
  await expect(later.sealer.renew(later.secret, ['nothing'])).rejects.toMatchObject({ code: 'SEC012' });
});

test.each(['alnum', 'hex', 'base64', 'ascii'])('values of charset %s differ each time', async (charset) => {
  const { open } = await sealOn(scratch(), `{generate: {a: {charset: ${charset}}, b: {charset: ${charset}}}}`);
  const [a, b] = [await open('a'), await open('b')];
  expect(a).not.toBe(b);
  expect(a).toMatch(charset === 'base64' ? /^[A-Za-z0-9+/]{43}=$/ : /^[!-~]{32}$/);
});

test('age text is opened with the identities of the host; without one it stays as it is and says so', async () => {
  const stateDir = scratch();
  const recipient = await addIdentity(stateDir, 'first');
  const armored = await encryptAge(Buffer.from(marker), [recipient]);
  const spec = `{encrypted: {password: ${JSON.stringify(armored)}}}`;
  expect(await (await sealOn(stateDir, spec)).open('password')).toBe(marker);
  const second = await addIdentity(stateDir, 'second');
  expect(await recipientsOf(stateDir)).toEqual([second, recipient]);
  expect(statSync(join(stateDir, 'keys/identity.txt')).mode & 0o777).toBe(0o600);
  expect(await (await sealOn(stateDir, spec)).open('password')).toBe(marker);

  const stranger = await sealOn(scratch(), spec);
  expect(secretContent(stranger.secret, () => null)).toEqual({
    is: 'unknown',
    code: 'SecretUndecryptable',
    message: '"password" of Secret/shop/db is encrypted for none of this host\'s identities',
  });
});

test('the same value encrypted again is the same content', async () => {
  const stateDir = scratch();
  const recipient = await addIdentity(stateDir, 'first');
  const sealWith = async () => sealOn(stateDir, `{encrypted: {a: ${JSON.stringify(await encryptAge(Buffer.from('x'), [recipient]))}}}`);
  expect((await sealWith()).secret.specHash).toBe((await sealWith()).secret.specHash);
});

test('a login is opened for whoever needs it now, from the Secrets that are desired', async () => {
  const stateDir = scratch();
  const { secret, sealer } = await sealOn(stateDir, '{stringData: {username: ci, password: x}, data: {bytes: /w==}}');
  expect(await sealer.readSecret(secret.key)).toBe(null);
  sealer.configure((key) => (key === secret.key ? secret : null));
  expect(await sealer.readSecret(secret.key)).toEqual(
    new Map([
      ['username', 'ci'],
      ['password', 'x'],
    ]),
  );
  const closed = { ...secret, spec: { ...secret.spec, values: { password: { form: 'age', armored: 'x' } as const } } };
  sealer.configure(() => closed);
  await expect(sealer.readSecret(secret.key)).rejects.toMatchObject({ code: 'SEC011' });
});
