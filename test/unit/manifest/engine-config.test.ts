import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../src/manifest/diagnostic.ts';
import { loadEngineConfig } from '../../../src/manifest/engine-config.ts';
import { defaultEngineConfig } from '../../../src/manifest/engine-defaults.ts';

const text = (spec: string, name = 'engine'): string =>
  `apiVersion: tsdock/v1\nkind: EngineConfig\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n`;
const messages = (input: string): readonly string[] => loadEngineConfig(input, '/etc/tsdock/config.yaml').diagnostics.map(formatDiagnostic);

test('fields that are given are taken, the others have their defaults', () => {
  expect(loadEngineConfig(text('{prefix: blue, reconcile: {interval: 1m}}'), 'c.yaml')).toEqual({
    config: { prefix: 'blue', reconcileMs: 60_000, pools: [{ cidr: '10.88.0.0/14', block: 24 }], gc: defaultEngineConfig.gc },
    diagnostics: [],
  });
  expect(loadEngineConfig(text('{pools: [{cidr: 10.0.0.0/8, block: 26}]}'), 'c.yaml').config.pools).toEqual([
    { cidr: '10.0.0.0/8', block: 26 },
  ]);
});

test('a collection of garbage has its shares, its age and its revisions', () => {
  const gc = (spec: string) => loadEngineConfig(text(`gc: ${spec}`), 'c.yaml').config.gc;
  expect(gc('{high: 90%, low: 0.5, minAge: 2d, keepRevisions: 3}')).toEqual({
    high: 0.9,
    low: 0.5,
    minAgeMs: 172_800_000,
    keepRevisions: 3,
  });
  expect(gc('{high: 60%}')).toMatchObject({ high: 0.6, low: 0.6, minAgeMs: 86_400_000 });
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
    ['gc: {high: 85}', '5:14: error[SCH004]: high 85 is not a share of the disk; hint: e.g. 85%'],
    ['gc: {high: 70%, low: 80%}', '5:24: error[SCH004]: spec.gc.low must not be above spec.gc.high'],
    ['gc: {minAge: 1 day}', '5:16: error[SCH032]: minAge "1 day" is not a duration; hint: 1d'],
    ['gc: {keepRevisions: 0}', '5:23: error[SCH004]: spec.gc.keepRevisions must be at least 1, found 0'],
    ['gc: {trash: 24h}', '5:8: error[SCH016]: spec.gc.trash is known, but comes with M2; hint: remove it until then'],
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
