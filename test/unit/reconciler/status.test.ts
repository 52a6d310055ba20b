import { expect, test } from 'vitest';
import { idle, judgeResource, readyAfterMs, statusOf } from '../../../src/reconciler/status.ts';
import { type BuiltMoment, momentOf, testNow } from '../../support/builders.ts';

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

test('since when a condition holds is told by record and world, whoever looks and whenever', () => {
  const moment = (stoppedAt: number | null, phase: string) =>
    momentOf({
      desired: web,
      observed: ['Image registry.test/web:1', 'Network default', `web:1 ${phase}`],
      records: (records) => {
        const record = records.get('Container/default/web');
        if (record !== undefined) records.set(record.key, { ...record, stoppedAt });
      },
    });
  const look = ({ desired, observed, context }: BuiltMoment, now: number) => {
    const key = 'Container/default/web' as const;
    const found = { desired: desired.resources.get(key) ?? null, observed: observed.resources.get(key) ?? null };
    return statusOf({ key, ...found, record: context.records.get(key) ?? null, entry: idle, now, usedBy: [], before: null }).status;
  };
  const running = moment(null, 'running');
  expect(look(running, testNow).conditions).toEqual(look(running, testNow + 60_000).conditions);
  expect(look(running, testNow).conditions[0]).toMatchObject({ type: 'Ready', status: 'True', since: 500 + readyAfterMs });
  const stopped = look(moment(7_000, 'exited'), testNow);
  expect(stopped.conditions[0]).toMatchObject({ reason: 'Suspended', since: 7_000 });
  expect(stopped.overrides).toEqual([{ path: 'state', value: 'Stopped', since: '1970-01-01T00:00:07.000Z' }]);
});
