import { expect, test } from 'vitest';
import { eventsOf, makeHost, snapshot, waiting } from '../../support/engine-on-world.ts';

test('an applied container runs, answers on its port and is unchanged afterwards', async () => {
  const host = makeHost();
  const engine = await host.open();
  const web = snapshot(`
kind: Container
apiVersion: tsdock/v1
metadata: {name: web}
spec: {image: "${host.image('1')}", ports: ["8080:80"]}`);
  const result = await engine.apply([web], waiting());
  expect(result).toMatchObject({ result: 'applied', exitCode: 0, revision: 1, summary: { created: 1 }, blocked: [] });
  expect(host.world.describe()).toEqual([
    'Container/default/web:1 running 10.88.0.2',
    expect.stringMatching(/^link tsw\S* \S+ 10\.88\.0\.0\/24$/),
    'port tcp *:8080 -> 10.88.0.2:80 Container/default/web',
  ]);
  expect(await engine.apply([web], waiting())).toMatchObject({ result: 'unchanged', exitCode: 0 });
  const events = await eventsOf(engine);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
});
