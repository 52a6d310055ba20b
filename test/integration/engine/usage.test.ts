import { expect, test } from 'vitest';
import { makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';

test('what runs is counted with its limit, what does not run is left out', async () => {
  const host = makeHost();
  const engine = await host.open();
  const document = (name: string, more: string): string =>
    `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${host.image('1')}"${more}}\n`;
  await engine.apply(
    [snapshot(document('web', ', replicas: 2, resources: {limits: {memory: 64Mi}}') + document('off', ', state: Stopped'))],
    waiting(),
  );
  const usage = await engine.usage({ namespace: null });
  expect(usage.map(({ name }) => name)).toEqual(['web-1', 'web-2']);
  expect(usage[0]).toMatchObject({
    namespace: 'default',
    container: 'web',
    memoryBytes: 2 << 20,
    memoryPeakBytes: 4 << 20,
    memoryLimitBytes: 64 << 20,
    pids: 1,
  });
  expect(await engine.usage({ namespace: 'other' })).toEqual([]);
});
