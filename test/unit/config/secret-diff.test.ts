import { expect, test } from 'vitest';
import { diffSecret } from '../../../src/controllers/config/secret-diff.ts';
import type { ObservedSecret } from '../../../src/model/observed.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { secretContent } from '../../../src/model/secret.ts';
import type { SecretSpec } from '../../../src/model/spec.ts';
import { identity, record, resource, view } from '../../support/samples.ts';

const key = resourceKey('Secret', 'shop', 'db');
const sealed = (hash: string) => ({ form: 'sealed', hash: `hmac:${hash}`, box: `box-${hash}` }) as const;

const secret = (over: Partial<SecretSpec> = {}, name = 'db') =>
  resource('Secret', { values: { password: sealed('1') }, generate: {}, from: null, ...over }, { name });

function seenAs(spec: ReturnType<typeof secret>): ObservedSecret {
  const content = secretContent(spec, () => null);
  const contentHash = content.is === 'known' ? content.hash : '';
  return { kind: 'Secret', key, identity, uses: [], claims: [], contentHash, path: '/m/db' };
}

test('a value is told by being another one, and by nothing else', () => {
  const before = record(key, { lastApplied: secret().spec });
  const changed = secret({ values: { password: sealed('2'), token: sealed('3') } });
  const { change, verdicts } = diffSecret(changed, seenAs(secret()), view({ records: [before] }));
  expect(change).toMatchObject({
    action: 'update',
    fields: [
      { path: 'data.password', from: { redacted: true }, to: { redacted: true, changed: true }, effect: 'content' },
      { path: 'data.token', from: null, to: { redacted: true, changed: true } },
    ],
  });
  expect(JSON.stringify(change)).not.toMatch(/hmac|box/);
  expect(verdicts.get(key)).toMatchObject({ is: 'changing', steps: [{ verb: 'write', reason: { code: 'ContentChanged' } }] });
  expect(diffSecret(secret(), seenAs(secret()), view({ records: [before] }))).toMatchObject({ change: null });
});

test('what cannot be opened is blocked, with the reason', () => {
  const closed = secret({ values: { password: { form: 'age', armored: 'x' } } });
  expect(diffSecret(closed, null, view()).verdicts.get(key)).toMatchObject({ is: 'blocked', reason: { code: 'SecretUndecryptable' } });
});

test('keys of another Secret follow it, each under the name it was sealed for', () => {
  const source = secret({ values: { password: sealed('1'), user: sealed('2') } }, 'root');
  const app = secret({ values: {}, from: { secret: source.key, keys: ['password'] } });
  const result = diffSecret(app, null, view({ desired: [source] })).verdicts.get(key);
  expect(result).toMatchObject({
    is: 'changing',
    steps: [{ input: { values: { password: { owner: source.key, key: 'password', sealed: sealed('1') } } } }],
  });
  expect(diffSecret(app, null, view()).verdicts.get(key)).toMatchObject({ is: 'blocked', reason: { code: 'SecretMissing' } });
  const wrong = secret({ values: {}, from: { secret: source.key, keys: ['none'] } });
  expect(diffSecret(wrong, null, view({ desired: [source] })).verdicts.get(key)).toMatchObject({
    reason: { code: 'SecretMissing', message: 'Secret/shop/root has no key "none"' },
  });
});

test('a changed rule is shown and makes no new value', () => {
  const rule = (length: number) => ({ password: { length, charset: 'alnum' } }) as const;
  const before = record(key, { lastApplied: secret({ generate: rule(16) }).spec });
  const { change, verdicts } = diffSecret(secret({ generate: rule(32) }), seenAs(secret()), view({ records: [before] }));
  expect(change?.fields).toMatchObject([{ path: 'generate.password', from: '16 alnum', to: '32 alnum', effect: 'in-place' }]);
  expect(verdicts.get(key)).toEqual({ is: 'settled' });
});

test('a value that nobody sealed is a bug, never a plan', () => {
  const plain = secret({ values: { password: { form: 'plain', base64: 'eA==' } } });
  expect(() => diffSecret(plain, null, view())).toThrow(RangeError);
});
