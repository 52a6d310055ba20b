import { expect, test } from 'vitest';
import { renderPlan } from '../../../src/cli/plan-tree.ts';
import type { PlanReport } from '../../../src/model/engine-api.ts';
import type { Change } from '../../../src/model/plan.ts';
import { emptyPlan } from '../../support/fake-engine.ts';

const change = (fields: Partial<Change>): Change => ({
  kind: 'Container',
  namespace: 'shop',
  name: 'api',
  set: 'cli:shop',
  action: 'update',
  reason: '',
  fields: [],
  downtime: null,
  pull: null,
  exposure: [],
  dataLoss: false,
  ...fields,
});

const report = (fields: Partial<PlanReport>): PlanReport => ({ ...emptyPlan, ...fields });
const at = (line: number) => ({ file: 'api.yaml', line, column: 3 });

test('every kind of change has its symbol, its fields with old and new value, and its consequences', () => {
  const text = renderPlan(
    report({
      changes: [
        change({
          action: 'replace',
          downtime: 'unavailable while it restarts',
          pull: { bytes: 38_200_000 },
          fields: [
            { path: 'image', from: 'node:22-alpine', to: 'node:24-alpine', effect: 'replace', source: at(8), drift: false },
            { path: 'env.LOG_LEVEL', from: null, to: 'debug', effect: 'replace', source: at(30), drift: false },
            { path: 'command', from: ['sh', '-c', 'true'], to: null, effect: 'replace', source: null, drift: false },
          ],
        }),
        change({
          name: 'web',
          fields: [{ path: 'ports', from: [], to: ['8443:443'], effect: 'in-place', source: at(9), drift: false }],
          exposure: ['0.0.0.0:8443/tcp'],
        }),
        change({
          name: 'cache',
          action: 'repair',
          fields: [{ path: 'resources.limits.memory', from: 268435456, to: 536870912, effect: 'in-place', source: null, drift: true }],
        }),
        change({ name: 'adminer', action: 'delete', reason: 'NotDesired' }),
        change({ kind: 'Volume', name: 'pg', action: 'replace', dataLoss: true }),
        change({ kind: 'Image', namespace: '_', name: 'docker.io/library/node:24-alpine', action: 'create', reason: 'Created' }),
        change({ name: 'same', action: 'none' }),
      ],
      blocked: [
        { subject: 'Container/shop/db:2', reason: { code: 'PortInUse', message: '0.0.0.0:5432 is in use', paths: [] }, until: null },
      ],
      summary: { ...emptyPlan.summary, unchanged: 5 },
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "Plan for set cli:shop (revision 41)   plan 7f3c9a

      host
      └─ + Image docker.io/library/node:24-alpine  create (Created)

      shop
      ├─ ~ Container api                      replace, unavailable while it restarts, pull 38.2 MB
      │    ~ image                    node:22-alpine -> node:24-alpine   (replace)   api.yaml:8
      │    + env.LOG_LEVEL            debug   (replace)   api.yaml:30
      │    - command                  ["sh","-c","true"]   (replace)
      ├─ ~ Container web                      in place
      │    ~ ports                    [] -> ["8443:443"]   (in place)   api.yaml:9
      │    NEW: reachable from the network  0.0.0.0:8443/tcp
      ├─ ! Container cache                    drift, will be repaired
      │    ! resources.limits.memory  268435456 -> 536870912   (in place)
      ├─ - Container adminer                  delete (NotDesired)
      └─ ~ Volume pg                          replace
           data loss

      = 5 unchanged

    Summary  1 create · 1 in place · 2 replace · 1 repair · 1 delete   expected unavailability: api

    waiting  Container shop/db-2: PortInUse: 0.0.0.0:5432 is in use
    "
  `);
});

test('nothing to change is one line', () => {
  expect(renderPlan(report({ summary: { ...emptyPlan.summary, unchanged: 14 } }))).toBe('No changes: 14 objects unchanged.\n');
});

test('nothing from a manifest reaches the terminal as a control sequence, long values are cut', () => {
  const fields = [
    { path: 'env.A\u001b[2J', from: 'a\u202eb', to: 'x'.repeat(500), effect: 'replace', source: null, drift: false },
  ] as const;
  const text = renderPlan(report({ changes: [change({ name: 'w\u0007', fields })] }));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(text).toContain(`${'x'.repeat(60)}…`);
});
