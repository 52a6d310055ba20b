import { expect, test } from 'vitest';
import { makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';

test('fifty containers with fifty ports are made with the fewest calls, and a second apply makes none', async () => {
  const host = makeHost();
  const engine = await host.open();
  const names = Array.from({ length: 50 }, (_, index) => index);
  const yaml = names.map(
    (index) =>
      `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: web-${index}}\nspec: {image: "${host.image('1')}", ports: ["${8000 + index}:80"]}\n`,
  );
  expect(await engine.apply([snapshot(yaml.join(''))], waiting())).toMatchObject({ exitCode: 0, summary: { created: 50 } });
  expect(host.world.published.size).toBe(50);
  const calls = new Map<string, number>();
  for (const call of host.world.calls) calls.set(call, (calls.get(call) ?? 0) + 1);
  expect(Object.fromEntries(calls)).toEqual({ 'net.ensureNetwork': 1, 'containers.create': 50, 'net.publish': 50 });
  expect(await engine.apply([snapshot(yaml.join(''))], waiting())).toMatchObject({ result: 'unchanged' });
  expect(host.world.calls).toHaveLength(101);
});
