/** Histories on the in-memory kernel: edits, deaths, drift and crashes in any order, then a restart: the world is what the last manifest says, once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf, type Host, makeHost, snapshot, waiting } from '../support/engine-on-world.ts';
import { eventually } from '../support/eventually.ts';
import type { Fault } from '../support/world.ts';

interface Wish {
  readonly name: 'a' | 'b' | 'c';
  readonly tag: '1' | '2';
  readonly env: '0' | '1';
  readonly port: 8080 | 8081 | null;
  readonly replicas: 1 | 2;
}

const wish = (name: Wish['name']): fc.Arbitrary<Wish> =>
  fc.record({
    name: fc.constant(name),
    tag: fc.constantFrom('1' as const, '2' as const),
    env: fc.constantFrom('0' as const, '1' as const),
    port: fc.constantFrom(null, 8080 as const, 8081 as const),
    replicas: fc.constantFrom(1 as const, 2 as const),
  });

/** Any of three containers; a host port goes to the first that wants it. */
const wishes: fc.Arbitrary<readonly Wish[]> = fc
  .tuple(wish('a'), wish('b'), wish('c'), fc.subarray(['a', 'b', 'c']))
  .map(([a, b, c, names]) => {
    const taken = new Set<number>();
    return [a, b, c]
      .filter((one) => names.includes(one.name))
      .map((one) => {
        const port = one.port !== null && taken.has(one.port) ? null : one.port;
        if (port !== null) taken.add(port);
        return { ...one, port };
      });
  });

type Step =
  | { readonly is: 'apply'; readonly wishes: readonly Wish[] }
  | { readonly is: 'exit'; readonly pick: number }
  | { readonly is: 'flush' }
  | { readonly is: 'unlink' }
  | { readonly is: 'reboot' }
  | { readonly is: 'writes'; readonly count: number }
  | { readonly is: 'fault'; readonly call: number; readonly fault: Fault };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: wishes.map((list): Step => ({ is: 'apply', wishes: list })) },
  { weight: 2, arbitrary: fc.nat(5).map((pick): Step => ({ is: 'exit', pick })) },
  { weight: 1, arbitrary: fc.constant<Step>({ is: 'flush' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ is: 'unlink' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ is: 'reboot' }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }).map((count): Step => ({ is: 'writes', count })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom<Fault>('fail-before', 'fail-after', 'crash-after'))
      .map(([call, fault]): Step => ({ is: 'fault', call, fault })),
  },
);

const yamlOf = (host: Host, list: readonly Wish[]): string =>
  list
    .map(({ name, tag, env, port, replicas }) => {
      const ports = port === null ? '' : `, ports: ["${port}:80"]`;
      return `---\napiVersion: tsdock/v1\nkind: Container\nmetadata: {name: ${name}}\nspec: {image: "${host.image(tag)}", env: {E: "${env}"}, replicas: ${replicas}${ports}}\n`;
    })
    .join('');

/** What the world must come to: containers with their slots, one network if there are any, each port at its container. */
function checkWorld(host: Host, list: readonly Wish[]): void {
  const lines = host.world.describe();
  const containers = list.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => `Container/default/${name}:${index + 1} running`),
  );
  expect(lines.filter((line) => line.startsWith('Container/')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
    containers.sort(),
  );
  expect(lines.filter((line) => line.startsWith('link '))).toHaveLength(list.length === 0 ? 0 : 1);
  const ports = list.filter(({ port }) => port !== null).map(({ name, port }) => `*:${port} Container/default/${name}`);
  expect(lines.filter((line) => line.startsWith('port ')).map((line) => `${line.split(' ')[2]} ${line.split(' ').at(-1)}`)).toEqual(
    ports.sort(),
  );
  const addresses = lines.filter((line) => line.startsWith('Container/')).map((line) => line.split(' ')[2]);
  expect(new Set(addresses).size).toBe(addresses.length);
  for (const { spec } of host.world.instances.values()) {
    const identity = JSON.parse(spec.identity) as { key: string };
    const wanted = list.find(({ name }) => identity.key === `Container/default/${name}`);
    expect(spec.process.env).toContain(`E=${wanted?.env}`);
    const [, ...layers] = spec.rootfs.layers; // the lowest one is the engine's own
    expect(layers).toHaveLength(wanted?.tag === '2' ? 2 : 1);
  }
}

/** A dozen each run of the suite; a campaign asks for more by TSDOCK_HISTORIES. */
const histories = Number(process.env.TSDOCK_HISTORIES ?? 12);
/** A history takes under a second, several on a machine that is busy with other things: a campaign that is only slow has not failed. */
const patienceMs = Math.max(100_000, histories * 10_000);

test('whatever happens, a restart and one more apply end in what was asked for last', { timeout: patienceMs + 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), wishes, async (steps, last) => {
      const host = makeHost();
      let crashed = false;
      const watchDeath = (): void => {
        host.world.onDeath(() => {
          crashed = true;
          watchDeath();
        });
      };
      watchDeath();
      let engine = await host.open();
      await warm(host, engine);
      for (const one of steps) {
        switch (one.is) {
          case 'apply':
            // Not waited for to its end: faults and crashes may come in the middle.
            await Promise.race([
              engine.apply([snapshot(yamlOf(host, one.wishes))], waiting({ wait: false, force: true })),
              crash(host),
            ]).catch(() => undefined);
            await settle();
            break;
          case 'exit': {
            const running = [...host.world.instances.values()].filter(({ status }) => status.phase === 'running');
            const id = running[one.pick % Math.max(1, running.length)]?.status.id;
            if (id !== undefined) {
              host.world.exit(id, { code: 1 });
              host.world.restart(id);
            }
            break;
          }
          case 'flush':
            host.world.dropTable();
            break;
          case 'unlink':
            for (const name of host.world.networks.keys()) host.world.dropLink(name);
            break;
          case 'reboot':
            host.world.killEngine();
            host.world.reboot();
            break;
          case 'writes':
            host.crashAfterWrites(one.count);
            break;
          case 'fault':
            host.world.fault(one.call, one.fault);
            break;
        }
        if (crashed) {
          engine = await host.reopen();
          crashed = false;
        }
      }
      engine = await host.reopen();
      const result = await engine.apply([snapshot(yamlOf(host, last))], waiting({ force: true, timeoutMs: 30_000 }));
      expect(result).toMatchObject({ exitCode: 0 });
      await eventually(() => checkWorld(host, last), 5_000);
      expect(await engine.plan([snapshot(yamlOf(host, last))])).toMatchObject({ actions: [], changes: [] });
      const events = await eventsOf(engine);
      expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + (events[0]?.sequence ?? 1)));
      await engine.close();
      host.remove();
    }),
    // A history that hangs is told with its seed; none goes on after the test.
    { numRuns: histories, timeout: 40_000, interruptAfterTimeLimit: patienceMs, markInterruptAsFailure: true },
  );
});

/** Both images are there from the beginning: a dead engine's download would go on in this process. */
async function warm(host: Host, engine: Awaited<ReturnType<Host['open']>>): Promise<void> {
  const onProgress = (): void => undefined;
  for (const tag of ['1', '2']) await engine.pullImage(host.image(tag), { signal: new AbortController().signal, onProgress });
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

function crash(host: Host): Promise<never> {
  return new Promise((_, reject) => host.world.onDeath(() => reject(new Error('the engine died'))));
}
