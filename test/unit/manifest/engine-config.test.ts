import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../src/manifest/diagnostic.ts';
import { loadEngineConfig } from '../../../src/manifest/engine-config.ts';
import { defaultEngineConfig } from '../../../src/manifest/engine-defaults.ts';

const text = (spec: string, name = 'engine'): string =>
  `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n`;
const messages = (input: string): readonly string[] => loadEngineConfig(input, '/etc/tsdock/config.yaml').diagnostics.map(formatDiagnostic);

test('fields that are given are taken, the others have their defaults', () => {
  expect(loadEngineConfig(text('{prefix: blue, reconcile: {interval: 1m}}'), 'c.yaml')).toEqual({
    config: { prefix: 'blue', reconcileMs: 60_000, pools: [{ cidr: '10.88.0.0/14', block: 24 }] },
    diagnostics: [],
  });
  expect(loadEngineConfig(text('{pools: [{cidr: 10.0.0.0/8, block: 26}]}'), 'c.yaml').config.pools).toEqual([
    { cidr: '10.0.0.0/8', block: 26 },
  ]);
});

test('an empty file means the defaults', () => {
  expect(loadEngineConfig('# nothing\n', 'c.yaml')).toEqual({ config: defaultEngineConfig, diagnostics: [] });
});

describe('mistakes', () => {
  test.each([
    ['prefix: Blue-Team', '5:11: error[SCH012]: prefix "Blue-Team" must have one to eight of a-z and 0-9, a letter first'],
    ['reconcile: {interval: 1 min}', '5:25: error[SCH032]: interval "1 min" is not a duration; hint: 1m'],
    ['reconcile: {interval: 10ms}', '5:25: error[SCH004]: spec.reconcile.interval must be at least 1s, found 10ms'],
    ['pools: [{cidr: 10.0.0.0/24, block: 16}]', '5:18: error[NET006]: a block of /16 does not fit into 10.0.0.0/24'],
    ['pools: [{cidr: 10.0.0.1/24, block: 26}]', '5:18: error[NET002]: 10.0.0.1/24 has host bits set'],
    ['docker: {enabled: true}', '5:3: error[SCH016]: spec.docker is known, but comes with M3; hint: remove it until then'],
    ['prefx: a', '5:3: error[SCH001]: unknown field "prefx" in spec; hint: did you mean "prefix"?'],
  ])('%s', (spec, message) => {
    expect(messages(text(spec))).toEqual([`/etc/tsdock/config.yaml:${message}`]);
    expect(loadEngineConfig(text(spec), 'c.yaml').config).toEqual(defaultEngineConfig);
  });

  test('another kind, another name, two of them', () => {
    expect(messages('apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: x}\n')[0]).toMatch(
      /SCH014.*only EngineConfig is read here, found Container/,
    );
    expect(messages(text('{}', 'other'))[0]).toMatch(/3:18: error\[SCH012\]: an EngineConfig is named "engine", found "other"/);
    expect(messages(`${text('{}')}---\n${text('{}')}`)[0]).toMatch(/SCH022/);
  });
});
