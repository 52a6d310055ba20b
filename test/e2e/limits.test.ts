import { expect } from 'vitest';
import { onHost } from '../support/e2e.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxLayout, startRegistry } from '../support/images.ts';

interface Instances {
  readonly items: readonly {
    readonly name: string;
    readonly uid: string;
    readonly restarts: number;
    readonly exit: { readonly code: number | null; readonly signal: number | null; readonly oomKilled: boolean } | null;
  }[];
}

interface Usage {
  readonly items: readonly {
    readonly name: string;
    readonly cpuMicros: number;
    readonly memoryBytes: number;
    readonly memoryLimitBytes: number | null;
    readonly memoryPeakBytes: number | null;
    readonly pids: number;
  }[];
}

const limited = (image: string, memory: string) => `
apiVersion: tsdock/v1
kind: Container
metadata: {name: limited}
spec:
  image: ${image}
  networkMode: none
  command: [sh, -c, 'sleep 1000']
  terminationGracePeriodSeconds: 0
  resources: {limits: {memory: ${memory}, pids: 8, cpu: 500m}}
`;

onHost('limits hold inside the container and a changed one is set in place', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const file = host.write('limited.yaml', limited(image, '32Mi'));
  await host.ok(['apply', '-f', file]);
  const [before] = (await host.json<Instances>(['ps'])).items;

  const forks = await host.tsdock(['exec', 'limited', '--', 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2 & done; wait']);
  expect(forks.stderr + forks.stdout).toMatch(/can't fork|Resource temporarily unavailable/);

  host.write('limited.yaml', limited(image, '64Mi'));
  const plan = await host.ok(['diff', '-f', file], 2);
  expect(plan.stdout).toMatch(/resources\.limits\.memory/);
  expect(plan.stdout).toMatch(/in place/);
  await host.ok(['apply', '-f', file]);
  const [after] = (await host.json<Instances>(['ps'])).items;
  expect(after?.uid, 'the same incarnation').toBe(before?.uid);
  await host.ok(['diff', '-f', file]);

  const [usage] = (await host.json<Usage>(['stats', 'limited'])).items;
  expect(usage).toMatchObject({ name: 'limited-1', memoryLimitBytes: 64 << 20 });
  expect(usage?.pids).toBeGreaterThan(0);
  expect(usage?.cpuMicros).toBeGreaterThan(0);
  expect(usage?.memoryBytes).toBeGreaterThan(0);
  expect(usage?.memoryPeakBytes ?? 0).toBeGreaterThanOrEqual(usage?.memoryBytes ?? 0);
  await host.ok(['delete', '-f', file]);
});

onHost('a process that needs more memory than its limit is reported as killed for it', async (host) => {
  const registry = await startRegistry(host);
  const image = registry.push(busyboxLayout(), 'busybox', '1');
  const file = host.write(
    'hungry.yaml',
    `apiVersion: tsdock/v1
kind: Container
metadata: {name: hungry}
spec:
  image: ${image}
  networkMode: none
  init: false
  restartPolicy: Never
  command: [sh, -c, 'sleep 0.5; x=a; while true; do x=$x$x; done']
  resources: {limits: {memory: 16Mi}}
`,
  );
  await host.tsdock(['apply', '-f', file]);
  await eventually(async () => {
    const [item] = (await host.json<Instances>(['ps'])).items;
    expect(item?.exit).toMatchObject({ signal: 9, oomKilled: true });
  });
  await host.ok(['delete', '-f', file]);
});
