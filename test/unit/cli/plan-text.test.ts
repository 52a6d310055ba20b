import { expect, test } from 'vitest';
import { markdownPlan, unifiedPlan } from '../../../src/cli/plan-text.ts';
import type { PlanReport } from '../../../src/model/engine-api.ts';
import type { Change, FieldChange } from '../../../src/model/plan.ts';
import { emptyPlan } from '../../support/fake-engine.ts';

const field = (fields: Partial<FieldChange>): FieldChange => ({
  path: 'image',
  from: null,
  to: null,
  effect: 'replace',
  source: { file: 'web.yaml', line: 8, column: 3 },
  drift: false,
  ...fields,
});

const change = (fields: Partial<Change>): Change => ({
  kind: 'Container',
  namespace: 'shop',
  name: 'web',
  set: 'cli:shop',
  action: 'replace',
  reason: 'SpecChanged',
  fields: [],
  downtime: null,
  pull: null,
  exposure: [],
  dataLoss: false,
  ...fields,
});

const report: PlanReport = {
  ...emptyPlan,
  changes: [
    change({
      fields: [
        field({ from: 'web:1', to: 'web:2' }),
        field({ path: 'args', to: ['a|b', '`x`'] }),
        field({ path: 'env.OLD', from: 'true' }),
      ],
      exposure: ['0.0.0.0:80/tcp'],
    }),
    change({ kind: 'Volume', name: 'data', action: 'delete', reason: 'NotDesired', dataLoss: true }),
  ],
};

test('a unified plan has what was and what will be on lines of their own', () => {
  expect(unifiedPlan(report)).toMatchInlineSnapshot(`
    "--- a/Container shop/web
    +++ b/Container shop/web
    @@ replace @@
    -image: "web:1"
    +image: "web:2"
    +args: ["a|b","\`x\`"]
    -env.OLD: "true"
    --- a/Volume shop/data
    +++ /dev/null
    @@ delete (NotDesired) @@
    "
  `);
  expect(unifiedPlan(emptyPlan)).toBe('');
});

test('a plan for a review is a table that nothing in a value breaks', () => {
  expect(markdownPlan(report)).toMatchInlineSnapshot(`
    "| Object | Action | Field | From | To | Source |
    | --- | --- | --- | --- | --- | --- |
    | \`Container shop/web\` | replace | \`image\` | \`web:1\` | \`web:2\` | web.yaml:8 |
    |  |  | \`args\` |  | \`\` ["a\\|b","\`x\`"] \`\` | web.yaml:8 |
    |  |  | \`env.OLD\` | \`true\` |  | web.yaml:8 |
    | \`Volume shop/data\` | delete (NotDesired) |  |  |  |  |

    - **NEW: reachable from the network** \`0.0.0.0:80/tcp\` (Container shop/web)
    - **data loss** \`Volume shop/data\`

    1 replace · 1 delete   expected unavailability: none (plan 7f3c9a)
    "
  `);
  expect(markdownPlan(emptyPlan)).toBe('No changes: 1 object unchanged.\n');
});
