import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isTrusted, keyId, signatureRulesIn } from '../../../src/model/signature-rule.ts';
import { check, load } from '../../support/manifests.ts';
import { signingKey } from '../../support/signatures.ts';

const [one, two] = [signingKey(), signingKey()];
const yaml = (key: { readonly publicKey: string }): string => JSON.stringify(key.publicKey);
const registry = (verify: string): string =>
  `apiVersion: tsdock/v1\nkind: Registry\nmetadata: {name: house}\nspec: {host: reg.test, verify: ${verify}}\n`;
const image = (ref: string, verify: string): string =>
  `---\napiVersion: tsdock/v1\nkind: Image\nmetadata: {name: app}\nspec: {ref: "${ref}", verify: ${verify}}\n`;
const rulesOf = (text: string) => {
  const { graph, messages } = check({ 'r.yaml': text });
  expect(messages).toEqual([]);
  return signatureRulesIn(graph);
};

test('the longest prefix counts, in whole parts of the path, and None leaves a part out', () => {
  const rules = rulesOf(registry(`[{keys: [${yaml(one)}]}, {prefix: team, keys: [${yaml(two)}]}, {prefix: team/open, policy: None}]`));
  const keysOf = (ref: string) => rules(ref).flatMap(({ keys }) => keys);
  expect(keysOf('reg.test/app:1')).toEqual([one.publicKey]);
  expect(keysOf('reg.test/teams/app:1')).toEqual([one.publicKey]);
  expect(keysOf('reg.test/team/app:1')).toEqual([two.publicKey]);
  expect(keysOf(`reg.test/team/app@sha256:${'a'.repeat(64)}`)).toEqual([two.publicKey]);
  expect(keysOf('reg.test/team/open/app:1')).toEqual([]);
  expect(keysOf('other.test/team/app:1')).toEqual([]);
});

test('an Image adds to what its Registry asks for, for everybody who uses its reference', () => {
  const rules = rulesOf(`${registry(`[{keys: [${yaml(one)}]}]`)}${image('reg.test/app:1', `{keys: [${yaml(two)}]}`)}`);
  expect(rules('reg.test/app:1').map(({ by, keys }) => [by, keys])).toEqual([
    ['Registry "house"', [one.publicKey]],
    ['Image "default/app"', [two.publicKey]],
  ]);
  expect(rules('reg.test/app:2')).toHaveLength(1);
});

test('an image is trusted when each rule is met; a rule without keys never is', () => {
  const ref = 'reg.test/team/app:1';
  const signedBy = [{ key: keyId('k1'), repository: 'reg.test/team/app' }];
  const rule = { keys: ['k1', 'k2'], policy: 'Any', identity: 'Any' } as const;
  expect(isTrusted({ ref, signedBy }, [rule])).toBe(true);
  expect(isTrusted({ ref, signedBy: [] }, [rule])).toBe(false);
  expect(isTrusted({ ref, signedBy }, [{ ...rule, policy: 'All' }])).toBe(false);
  expect(isTrusted({ ref, signedBy }, [rule, { ...rule, keys: ['k3'] }])).toBe(false);
  expect(isTrusted({ ref, signedBy }, [{ ...rule, identity: 'Repository' }])).toBe(true);
  expect(isTrusted({ ref: 'reg.test/other:1', signedBy }, [{ ...rule, identity: 'Repository' }])).toBe(false);
  for (const policy of ['Any', 'All'] as const) expect(isTrusted({ ref, signedBy }, [{ ...rule, policy, keys: [] }])).toBe(false);
});

test('keys are kept in one spelling, each once; writing the default out changes no hash', () => {
  const spelled = JSON.stringify(one.publicKey.replaceAll('\n', '\r\n'));
  const rules = rulesOf(registry(`[{keys: [${spelled}, ${yaml(one)}]}]`));
  expect(rules('reg.test/app:1').map(({ keys }) => keys)).toEqual([[one.publicKey]]);
  const hashes = ['spec: {host: a.test}', 'spec: {host: a.test, verify: []}'].map(
    (spec) => load({ 'r.yaml': `apiVersion: tsdock/v1\nkind: Registry\nmetadata: {name: a}\n${spec}\n` }).documents[0]?.specHash,
  );
  expect(hashes[0]).toBe(hashes[1]);
});

describe('a mistake is told at its place', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secret = one.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  test.each([
    ['no key', '[{prefix: team}]', 'SIG002', 'no key is given'],
    ['no key in PEM form', '[{keys: [nonsense]}]', 'SIG001', 'the key is not one public key in PEM form'],
    ['two keys in one text', `[{keys: [${JSON.stringify(one.publicKey + two.publicKey)}]}]`, 'SIG001', 'the key is not one public key'],
    ['a short RSA key', `[{keys: [${JSON.stringify(weak)}]}]`, 'SIG001', 'the key has 1024 bits, RSA needs 2048'],
    ['a prefix that is no path', `[{prefix: "/team/", keys: [${yaml(one)}]}]`, 'SIG002', 'prefix "/team/" is no path of a repository'],
    ['a prefix twice', `[{prefix: a, keys: [${yaml(one)}]}, {prefix: a, keys: [${yaml(two)}]}]`, 'SIG002', 'has a rule already'],
    ['keys with policy None', `[{policy: None, keys: [${yaml(one)}]}]`, 'SIG002', 'keys mean nothing'],
    ['a private key', `[{keys: [${JSON.stringify(secret)}]}]`, 'SIG001', 'this is a private key'],
  ])('%s', (_, verify, code, says) => {
    const { diagnostics } = load({ 'r.yaml': registry(verify) });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(diagnostics[0]?.message).toContain(says);
    expect(diagnostics[0]?.line).toBe(4);
    expect(JSON.stringify(diagnostics)).not.toContain(secret.split('\n')[1]);
  });
});
