import { expect, test } from 'vitest';
import { idle, judgeResource } from '../../../src/reconciler/status.ts';
import { momentOf, testNow } from '../../support/builders.ts';

const web = 'apiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web}\nspec: {image: "registry.test/web:1"}\n';

test('an image that nobody names any more is a cache at rest, not something being deleted', () => {
  const { observed } = momentOf({ desired: web, observed: ['Image registry.test/web:1'] });
  const image = [...observed.resources.values()].find((thing) => thing.kind === 'Image') ?? null;
  expect(image).not.toBeNull();
  expect(judgeResource({ desired: null, observed: image, record: null, entry: idle, now: testNow })).toMatchObject({
    phase: 'Ready',
    reason: 'Retained',
  });
});
