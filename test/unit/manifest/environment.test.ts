import { describe, expect, test } from 'vitest';
import { manifestForm } from '../../../src/model/manifest-form.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { check } from '../../support/manifests.ts';

const sources = `apiVersion: tsdock/v1
kind: Secret
metadata: {name: db}
spec: {stringData: {password: hunter2}, generate: {token: {}}}
---
apiVersion: tsdock/v1
kind: Config
metadata: {name: site}
spec: {data: {LEVEL: info, "a=b": x}, binaryData: {logo: /wA=}}
`;

const web = (spec: string) =>
  check({
    'sources.yaml': sources,
    'web.yaml': `apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec:\n  image: nginx\n${spec}\n`,
  });
const containerOf = (spec: string): Resource<'Container'> => {
  const { documents, messages } = web(spec);
  expect(messages).toEqual([]);
  return documents.find(({ kind }) => kind === 'Container') as Resource<'Container'>;
};

test('both spellings of a variable from elsewhere mean the same', () => {
  const map = containerOf(
    '  env: {P: {secret: db, key: password}, L: {config: site, key: LEVEL, optional: true}, N: {field: status.address}}',
  );
  const list = containerOf(`  env:
    - {name: P, valueFrom: {secretKeyRef: {name: db, key: password}}}
    - {name: L, valueFrom: {configMapKeyRef: {name: site, key: LEVEL, optional: true}}}
    - {name: N, valueFrom: {fieldRef: {fieldPath: status.podIP}}}`);
  expect(list.spec.env).toEqual(map.spec.env);
  expect(list.specHash).toBe(map.specHash);
  expect(map.spec.env).toEqual({
    L: { source: 'Config/default/site', key: 'LEVEL', optional: true },
    N: { field: 'status.address' },
    P: { source: 'Secret/default/db', key: 'password', optional: false },
  });
});

test('what must be there is referred to, what is optional is not', () => {
  const { refs } = containerOf('  env: {P: {secret: db, key: token}}\n  envFrom: [{config: other, optional: true}]');
  expect(refs.map(({ key }) => key)).toContain('Secret/default/db');
  expect(refs.map(({ key }) => key)).not.toContain('Config/default/other');
});

test('the manifest form says it again', () => {
  const { spec } = containerOf('  env: {A: b, P: {secret: db, key: password}}\n  envFrom: [{secret: team/db, prefix: X_, optional: true}]');
  expect(manifestForm('Container', 'default', spec)).toMatchObject({
    env: { A: 'b', P: { secret: 'db', key: 'password', optional: false } },
    envFrom: [{ secret: 'team/db', prefix: 'X_', optional: true }],
  });
});

describe('at its place, without a value, is said', () => {
  test.each([
    [
      '  env: {P: {secret: db, key: pasword}}',
      'web.yaml:6:30: error[REF004]: Secret "db" has no value under "pasword"; hint: did you mean "password"?',
    ],
    ['  env: {P: {config: site, key: logo}}', 'web.yaml:6:32: error[REF004]: Config "site" has no text under "logo"'],
    [
      '  env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: none}}}]',
      'web.yaml:6:30: error[REF004]: Secret "db" has no value under "none"; hint: its keys are password, token',
    ],
    ['  env: {P: {secret: no, key: a}}', 'web.yaml:6:12: error[REF001]: Secret "no" does not exist'],
    ['  env: {P: {secret: db}}', 'web.yaml:6:12: error[SCH034]: P does not say which key of Secret/default/db it takes'],
    [
      '  env: {P: {secret: db, config: site, key: a}}',
      'web.yaml:6:12: error[SCH034]: a value comes from one of secret and config, found both',
    ],
    [
      '  env: {P: {field: metadata.nam}}',
      'web.yaml:6:12: error[SCH034]: "metadata.nam" is not a field of an instance; hint: did you mean "metadata.name"?',
    ],
    [
      '  networkMode: host\n  env: {P: {field: status.address}}',
      'web.yaml:7:12: error[NET008]: status.address needs networkMode bridge, this is host',
    ],
    [
      '  env: [{name: P, value: a, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]',
      'web.yaml:6:9: error[SCH034]: P has both value and valueFrom',
    ],
    ['  envFrom: [{}]', 'web.yaml:6:13: error[SCH034]: a value comes from one of secret and config, found none'],
    [
      '  envFrom: [{config: site}]',
      'web.yaml:6:13: warning[SCH008]: key "a=b" of Config "site" is not a name of a variable and is left out',
    ],
    ['  envFrom: [{config: site, prefix: "="}]', 'web.yaml:6:36: error[SCH008]: "=" cannot begin a name of a variable'],
  ])('%s', (spec, message) => {
    const { messages } = web(spec);
    expect(messages[0]).toContain(message);
    expect(messages.join('\n')).not.toContain('hunter2');
  });
});
