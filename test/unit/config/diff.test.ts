import { expect, test } from 'vitest';
import { diffConfig } from '../../../src/controllers/config/diff.ts';
import { contentHashOf } from '../../../src/model/content-hash.ts';
import type { ObservedConfig } from '../../../src/model/observed.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import { config, identity, record, view } from '../../support/samples.ts';

const key = resourceKey('Config', 'shop', 'site');
const site = config({ 'a.conf': 'one\ntwo\n' }, { fields: { 'data.a.conf': { file: 'c.yaml', line: 7, column: 3 } } });

const seen = (over: Partial<ObservedConfig> = {}): ObservedConfig => ({
  kind: 'Config',
  key,
  identity,
  uses: [],
  claims: [],
  contentHash: contentHashOf(site.spec.data),
  path: '/run/c',
  ...over,
});

function text(...args: Parameters<typeof diffConfig>): string {
  const verdict = diffConfig(...args).verdicts.get(key);
  return verdict?.is === 'changing' ? verdict.steps.map((step) => `${step.verb} ${step.phase} ${step.reason.code}`).join() : 'settled';
}

test('a config is written when it is not there, has other content or another identity', () => {
  expect(text(site, null, view())).toBe('write up Created');
  expect(text(site, seen({ contentHash: 'sha256:0' }), view())).toBe('write up ContentChanged');
  expect(text(site, seen({ identity: { ...identity, set: 'dir:/x' } }), view())).toBe('write up SpecChanged');
  expect(text(site, seen(), view())).toBe('settled');
  expect(text(null, seen(), view())).toBe('remove down NotDesired');
});

test('a change tells files by name, size and position, never their content', () => {
  const before = record(key, { lastApplied: { data: { 'a.conf': 'one\n', 'b.conf': '' } } });
  expect(diffConfig(site, seen({ contentHash: 'sha256:0' }), view({ records: [before] })).change).toMatchObject({
    action: 'update',
    fields: [
      {
        path: 'data.a.conf',
        from: '1 line, 4 bytes',
        to: '2 lines, 8 bytes',
        effect: 'content',
        source: { file: 'c.yaml', line: 7, column: 3 },
      },
      { path: 'data.b.conf', to: null },
    ],
  });
});

test('the hash of content knows names and bytes, not their order', () => {
  expect(contentHashOf({ a: '1', b: '2' })).toBe(contentHashOf({ b: '2', a: '1' }));
  expect(contentHashOf({ a: '1' })).not.toBe(contentHashOf({ a: '2' }));
  expect(contentHashOf({ a: 'b' })).not.toBe(contentHashOf({ b: 'a' }));
  expect(contentHashOf({})).toMatch(/^sha256:[0-9a-f]{64}$/);
});
