import { describe, expect, test } from 'vitest';
import { diffContainer, finishedForGood } from '../../../src/controllers/container/diff.ts';
import { replaceHashOf, updateHashOf } from '../../../src/controllers/container/hashes.ts';
import type { DiffResult } from '../../../src/controllers/controller.ts';
import { contentHashOf } from '../../../src/model/content-hash.ts';
import type { ObservedInstance } from '../../../src/model/observed.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { resourceKey } from '../../../src/model/resource.ts';
import type { ContainerSpec } from '../../../src/model/spec.ts';
import {
  config,
  container,
  containerSpec,
  frontKey,
  image,
  imageDigest,
  imageKey,
  instance,
  observedContainer,
  observedImage,
  observedNetwork,
  otherDigest,
  record,
  usualFiles,
  view,
  volume,
  webKey,
} from '../../support/samples.ts';

/** One line a step or hold, as a plan would show it. */
function text(result: DiffResult<'Container'>): string {
  const lines = [...result.verdicts].flatMap(([subject, verdict]) => {
    const name = subject.replace('Container/shop/', '');
    if (verdict.is === 'settled') return [];
    if (verdict.is === 'blocked') return [`blocked ${name} ${verdict.reason.code}`];
    return verdict.steps.map((step) => `${name}#${step.verb} ${step.phase} ${step.reason.code}`);
  });
  return lines.sort().join('\n');
}

const change = ({ change: found }: DiffResult<'Container'>) =>
  found === null ? null : `${found.action}: ${found.fields.map((field) => field.path).join(' ')}`;

/** An instance made from this document. */
const made = (desired: Resource<'Container'>, over: Partial<ObservedInstance> = {}) =>
  instance({ replaceHash: replaceHashOf(desired.spec), updateHash: updateHashOf(desired.spec), ...over });

const applied = (spec: Partial<ContainerSpec>, over: Parameters<typeof record>[1] = {}) =>
  record(webKey, { lastApplied: containerSpec(spec), ...over });

const web = container();
const port = { protocol: 'tcp', hostIP: null, hostPort: 8080, address: '10.88.0.2', containerPort: 80 } as const;

describe('a container that does not exist', () => {
  test('is created and started in each slot', () => {
    const result = diffContainer(container({ replicas: 2 }), null, view());
    expect(text(result)).toBe('web:1#create up Created\nweb:2#create up Created');
    expect(result.change?.action).toBe('create');
  });

  test('takes address and single-writer volume as claims and carries all it needs', () => {
    const key = resourceKey('Volume', 'shop', 'data');
    const data = volume();
    const observedData = {
      kind: 'Volume',
      key,
      identity: null,
      uses: [],
      claims: [],
      path: '/v/data',
      driver: 'local',
      hostPath: null,
      owner: { uid: 0, gid: 0, mode: 0o755 },
      present: true,
    } as const;
    const desired = container({ mounts: [{ type: 'volume', volume: key, target: '/data', subPath: null, readOnly: false }] });
    const { verdicts } = diffContainer(
      desired,
      null,
      view({ desired: [image(), data], observed: [observedImage(), observedNetwork(), observedData], records: [record(webKey)] }),
    );
    const verdict = verdicts.get(`${webKey}:1`);
    const [create] = verdict?.is === 'changing' ? verdict.steps : [];
    expect(create?.acquires).toEqual([`address:${frontKey}:10.88.0.2`, `writer:${key}`]);
    expect(create?.input).toMatchObject({
      verb: 'create',
      create: {
        uid: 'u1',
        slot: 1,
        volumes: { [key]: '/v/data' },
        writes: [key],
        networks: [{ link: 'ts-front', address: '10.88.0.2', prefix: 24, gateway: '10.88.0.1', mtu: 1500 }],
      },
    });
  });

  test('waits for its image and still shows the change, the pull and the exposure', () => {
    const desired = container({ ports: [{ name: null, containerPort: 80, hostPort: 8080, hostIP: null, protocol: 'tcp' }] });
    const result = diffContainer(desired, null, view({ observed: [observedNetwork()], endpoints: [port] }));
    expect(text(result)).toBe('blocked web:1 WaitingForImage');
    expect(result.change).toMatchObject({ action: 'create', pull: { bytes: null }, exposure: ['0.0.0.0:8080/tcp'], downtime: null });
    expect(result.change?.fields.map((field) => field.path)).toEqual(['image', 'ports', 'networks']);
  });

  test.each([
    ['NetworkMissing', { observed: [observedImage()] }],
    ['NetworkMissing', { observed: [observedImage(), observedNetwork({ up: false })] }],
    ['NetworkMissing', { observed: [observedImage(), observedNetwork({ subnet: '10.88.9.0/24' })] }],
    ['PoolExhausted', { missing: { [`${webKey}:1`]: { code: 'PoolExhausted' as const, message: 'full', paths: [] } } }],
    ['WaitingForImage', { observed: [observedNetwork(), observedImage({ unpacked: false })] }],
    ['WaitingForImage', { observed: [observedNetwork(), observedImage({ ref: 'registry.test/web:0' })] }],
  ])('waits with reason %s', (code, facts) => {
    expect(text(diffContainer(web, null, view(facts)))).toBe(`blocked web:1 ${code}`);
  });

  test('waits for volumes and for configs with the wanted content', () => {
    const site = config({ 'a.conf': 'new' });
    const mounts = [{ type: 'config', config: site.key, target: '/etc/site', subPath: null, readOnly: true, files: usualFiles }] as const;
    const stale = {
      kind: 'Config',
      key: site.key,
      identity: null,
      uses: [],
      claims: [],
      contentHash: contentHashOf({ 'a.conf': 'old' }),
      path: '/c/old',
    } as const;
    expect(
      text(
        diffContainer(
          container({ mounts }),
          null,
          view({ desired: [image(), site], observed: [observedImage(), observedNetwork(), stale] }),
        ),
      ),
    ).toBe('blocked web:1 ConfigMissing');
    const volumes = [
      { type: 'volume', volume: resourceKey('Volume', 'shop', 'data'), target: '/d', subPath: null, readOnly: true },
    ] as const;
    expect(text(diffContainer(container({ mounts: volumes }), null, view()))).toBe('blocked web:1 VolumeMissing');
  });

  test('is not made while it is Stopped', () => {
    expect(text(diffContainer(container({ state: 'Stopped' }), null, view()))).toBe('');
  });
});

describe('a container that runs', () => {
  test('is settled', () => {
    const result = diffContainer(web, observedContainer([made(web)]), view({ records: [applied({})] }));
    expect(text(result)).toBe('');
    expect(result.change).toBeNull();
  });

  test('is replaced in its slot when its spec changed, with address and reason kept', () => {
    const desired = container({ env: { LOG: 'debug' } }, { fields: { 'env.LOG': { file: 'web.yaml', line: 9, column: 5 } } });
    const result = diffContainer(desired, observedContainer([made(web)]), view({ records: [applied({})] }));
    expect(text(result)).toBe(['web:1#create up SpecChanged', 'web:1#remove down SpecChanged', 'web:1#stop down SpecChanged'].join('\n'));
    const verdict = result.verdicts.get(`${webKey}:1`);
    expect(verdict?.is === 'changing' ? verdict.steps.map((step) => step.verb) : []).toEqual(['stop', 'remove', 'create']);
    expect(result.change).toMatchObject({
      action: 'replace',
      downtime: 'unavailable while it restarts',
      fields: [
        { path: 'env.LOG', from: null, to: 'debug', effect: 'replace', source: { file: 'web.yaml', line: 9, column: 5 }, drift: false },
      ],
    });
  });

  test('keeps running while the image of its successor is not there', () => {
    const desired = container({ image: resourceKey('Image', '_', 'registry.test/web:2') });
    const next = { ...image({ ref: 'registry.test/web:2' }), key: resourceKey('Image', '_', 'registry.test/web:2') };
    const result = diffContainer(desired, observedContainer([made(web)]), view({ desired: [next], records: [applied({})] }));
    expect(text(result)).toBe('blocked web:1 WaitingForImage');
    expect(result.change).toMatchObject({
      action: 'replace',
      pull: { bytes: null },
      fields: [{ path: 'image', from: 'registry.test/web:1', to: 'registry.test/web:2' }],
    });
  });

  test('is replaced when its tag stands for another image, and not when only the tag is new', () => {
    const moved = view({ observed: [observedImage({ configDigest: otherDigest }), observedNetwork()], records: [applied({})] });
    const result = diffContainer(web, observedContainer([made(web)]), moved);
    expect(text(result)).toContain('web:1#create up ImageChanged');
    expect(change(result)).toBe('replace: image');
    const retagged = observedContainer([made(web, { imageRef: 'registry.test/web:0' })]);
    expect(text(diffContainer(web, retagged, view({ records: [applied({})] })))).toBe('');
  });

  test('is not touched by a digest that names what runs, before that is looked up and after', () => {
    const locked = resourceKey('Image', '_', `registry.test/web:1@${imageDigest}`);
    const desired = container({ image: locked });
    const next = { ...image({ ref: `registry.test/web:1@${imageDigest}` }), key: locked };
    const result = diffContainer(desired, observedContainer([made(web)]), view({ desired: [next], records: [applied({})] }));
    expect(text(result)).toBe('');
    expect(result.change).toMatchObject({ action: 'update', downtime: null, fields: [{ path: 'image', effect: 'in-place' }] });
    const other = { ...next, spec: { ...next.spec, ref: `registry.test/web:1@${otherDigest}` } };
    expect(text(diffContainer(desired, observedContainer([made(web)]), view({ desired: [other], records: [applied({})] })))).toContain(
      'WaitingForImage',
    );
  });

  test('is not touched when its image went missing', () => {
    expect(text(diffContainer(web, observedContainer([made(web)]), view({ observed: [observedNetwork()], records: [applied({})] })))).toBe(
      '',
    );
  });

  test('is replaced when content it mounts changed', () => {
    const site = config({ 'a.conf': 'new' });
    const desired = container({
      mounts: [{ type: 'config', config: site.key, target: '/etc/site', subPath: null, readOnly: true, files: usualFiles }],
    });
    const written = {
      kind: 'Config',
      key: site.key,
      identity: null,
      uses: [],
      claims: [],
      contentHash: contentHashOf(site.spec.data),
      path: '/c/new',
    } as const;
    const facts = {
      desired: [image(), site],
      observed: [observedImage(), observedNetwork(), written],
      records: [applied({ mounts: desired.spec.mounts })],
    };
    const old = observedContainer([made(desired, { content: { [site.key]: contentHashOf({ 'a.conf': 'old' }) } })]);
    expect(text(diffContainer(desired, old, view(facts)))).toContain('web:1#create up ContentChanged');
    const same = observedContainer([made(desired, { content: { [site.key]: contentHashOf(site.spec.data) } })]);
    expect(text(diffContainer(desired, same, view(facts)))).toBe('');
  });

  test('is replaced when its address moved', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { address: '10.1.0.9' })]), view()))).toContain(
      'web:1#create up SpecChanged',
    );
  });

  test('is told new limits and policies in place', () => {
    const desired = container({ limits: { cpuMillis: null, memoryBytes: 402653184, pids: null } });
    const result = diffContainer(
      desired,
      observedContainer([made(web)]),
      view({ records: [applied({ limits: { cpuMillis: null, memoryBytes: 268435456, pids: null } })] }),
    );
    expect(text(result)).toBe('web:1#update up SpecChanged');
    expect(result.change).toMatchObject({
      action: 'update',
      downtime: null,
      fields: [{ path: 'resources.limits.memory', from: '256Mi', to: '384Mi', effect: 'in-place' }],
    });
  });

  test('is left alone while its supervisor waits to restart it', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { phase: 'backoff', attempts: 4, nextTry: 2_000_000 })]), view()))).toBe(
      '',
    );
  });

  test('is stopped and started when a person asked for a restart, once', () => {
    const asked = view({ records: [applied({}, { restartAfter: 900 })] });
    const result = diffContainer(web, observedContainer([made(web)]), asked);
    expect(text(result)).toBe('web:1#start up RestartRequested\nweb:1#stop down RestartRequested');
    expect(result.change?.action).toBe('restart');
    expect(text(diffContainer(web, observedContainer([made(web, { startedAt: 950 })]), asked))).toBe('');
  });

  test('is stopped by a person and stays stopped, whatever else changed', () => {
    const asked = view({ records: [applied({}, { stoppedAt: 900 })] });
    const desired = container({ env: { A: '1' } });
    const result = diffContainer(desired, observedContainer([made(web)]), asked);
    expect(text(result)).toBe('web:1#stop down Stopped');
    const verdict = result.verdicts.get(`${webKey}:1`);
    expect(verdict?.is === 'changing' ? verdict.steps[0]?.input : null).toEqual({
      verb: 'stop',
      instance: 'aaaaaaaaaaaa',
      by: 'user',
      signal: 'SIGTERM',
      graceMs: 10_000,
    });
    const stopped = made(web, { phase: 'exited', exit: { code: 0, signal: null, oom: false, at: 1 }, stoppedBy: 'user' });
    expect(text(diffContainer(desired, observedContainer([stopped]), asked))).toBe('');
  });

  test('keeps what it has when nobody supervises it', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { supervised: false, updateHash: 'old' })]), view()))).toBe('');
  });
});

describe('a container that does not run', () => {
  const exit = (code: number) => ({ phase: 'exited', exit: { code, signal: null, oom: false, at: 1 } }) as const;

  test('is started when it was only created', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { phase: 'created', startedAt: null })]), view()))).toBe(
      'web:1#start up Created',
    );
  });

  test('is started again after a person stopped and started it', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { ...exit(143), stoppedBy: 'user' })]), view()))).toBe(
      'web:1#start up NotRunning',
    );
  });

  test.each([
    ['Never', exit(1), 0, true],
    ['OnFailure', exit(0), 0, true],
    ['OnFailure', exit(1), 0, false],
    ['Always', exit(0), 0, false],
    ['Always', exit(1), 3, true],
  ] as const)('with policy %s and %o has ended for good: %s tries, %s', (restartPolicy, phase, attempts, expected) => {
    const ended = made(web, { ...phase, attempts, stoppedBy: 'self' });
    expect(finishedForGood(ended, { restartPolicy, maxRestarts: 3 })).toBe(expected);
    const desired = container({ restartPolicy, maxRestarts: 3 });
    const told = { ...ended, updateHash: updateHashOf(desired.spec) };
    expect(text(diffContainer(desired, observedContainer([told]), view()))).toBe(expected ? '' : 'web:1#start up NotRunning');
  });

  test('is started when a person asks although it has ended for good', () => {
    const desired = container({ restartPolicy: 'Never' });
    const ended = made(desired, { ...exit(1), since: 500 });
    expect(text(diffContainer(desired, observedContainer([ended]), view({ records: [applied({}, { restartAfter: 600 })] })))).toBe(
      'web:1#start up RestartRequested',
    );
  });

  test('is made anew when its supervisor is gone', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { ...exit(1), supervised: false })]), view()))).toBe(
      'web:1#create up Lost\nweb:1#remove down Lost',
    );
  });

  test.each(['creating', 'broken'] as const)('is removed and made anew when it was left %s', (phase) => {
    const left = observedContainer([made(web, { phase, startedAt: null })]);
    expect(text(diffContainer(web, left, view()))).toBe('web:1#create up Broken\nweb:1#remove down Broken');
    expect(text(diffContainer(web, left, view({ observed: [observedNetwork()] })))).toBe('web:1#remove down Broken');
  });

  test('is replaced for the changed spec, not for what the old one failed of', () => {
    const error = { code: 'ENOENT', step: 'exec', message: 'exec: no /slep' };
    const slept = container({ command: ['/slep'] });
    const failed = observedContainer([made(slept, { phase: 'broken', startedAt: null, error })]);
    expect(text(diffContainer(web, failed, view({ records: [applied({})] })))).toBe(
      'web:1#create up SpecChanged\nweb:1#remove down SpecChanged',
    );
    expect(diffContainer(slept, failed, view()).change?.reason).toBe('exec: no /slep');
  });

  test('waits for the end of a stop', () => {
    expect(text(diffContainer(web, observedContainer([made(web, { phase: 'stopping' })]), view()))).toBe('blocked web:1 Stopped');
  });
});

describe('instances without a place', () => {
  test('of two that claim one slot the older is removed', () => {
    const older = made(web, { instance: 'bbbbbbbbbbbb', startedAt: 100, since: 100 });
    const result = diffContainer(web, observedContainer([older, made(web)]), view());
    expect(text(result)).toBe('web:1@bbbbbbbbbbbb#remove down Replaced\nweb:1@bbbbbbbbbbbb#stop down Replaced');
    const verdict = result.verdicts.get(`${webKey}:1@bbbbbbbbbbbb`);
    expect(verdict?.is === 'changing' ? verdict.steps[1]?.input : null).toMatchObject({ verb: 'remove', keepLogs: 3 });
  });

  test('one that is left half made goes before one that runs, although it is younger', () => {
    const half = made(web, { instance: 'cccccccccccc', phase: 'creating', since: 900, startedAt: null });
    expect(text(diffContainer(web, observedContainer([half, made(web)]), view()))).toBe('web:1@cccccccccccc#remove down Replaced');
  });

  test('beyond the replicas are removed with their logs', () => {
    const result = diffContainer(
      web,
      observedContainer([made(web), made(web, { slot: 2, instance: 'dddddddddddd', address: '10.88.0.3' })]),
      view({ records: [applied({ replicas: 2 })] }),
    );
    expect(text(result)).toBe('web:2#remove down ScaledDown\nweb:2#stop down ScaledDown');
    const verdict = result.verdicts.get(`${webKey}:2`);
    const remove = verdict?.is === 'changing' ? verdict.steps.find((step) => step.verb === 'remove') : undefined;
    expect(remove).toMatchObject({ input: { keepLogs: 0 }, releases: [`address:${frontKey}:10.88.0.3`] });
    expect(change(result)).toBe('update: replicas');
  });
});

describe('published ports', () => {
  test('are reserved, then opened with the claim on the host port', () => {
    const desired = container({ ports: [{ name: null, containerPort: 80, hostPort: 8080, hostIP: null, protocol: 'tcp' }] });
    const result = diffContainer(desired, observedContainer([made(web)]), view({ endpoints: [port], records: [applied({})] }));
    expect(text(result)).toBe('web#publish up PortsChanged\nweb#reserve fetch PortsChanged');
    const verdict = result.verdicts.get(webKey);
    expect(verdict?.is === 'changing' ? verdict.steps[0] : null).toMatchObject({ acquires: [], input: { endpoints: [port] } });
    expect(verdict?.is === 'changing' ? verdict.steps[1] : null).toMatchObject({
      acquires: ['port:tcp:0.0.0.0:8080'],
      releases: [],
      input: { endpoints: [port] },
    });
    expect(result.change).toMatchObject({ action: 'update', exposure: ['0.0.0.0:8080/tcp'], downtime: null });
  });

  test('are closed in a down step that releases the claim', () => {
    const result = diffContainer(web, observedContainer([made(web)], { published: [port] }), view());
    expect(text(result)).toBe('web#publish down PortsChanged');
    const verdict = result.verdicts.get(webKey);
    expect(verdict?.is === 'changing' ? verdict.steps[0] : null).toMatchObject({
      acquires: [],
      releases: ['port:tcp:0.0.0.0:8080'],
      input: { endpoints: [] },
    });
  });

  test('are given up before others are asked for, and one that only leads elsewhere changes at once', () => {
    const old = { ...port, hostPort: 8081 };
    const moved = { ...port, hostPort: 8082, address: '10.88.0.3' };
    const observed = observedContainer([made(web)], { published: [old, moved] });
    const { verdicts } = diffContainer(web, observed, view({ endpoints: [port, { ...moved, address: '10.88.0.2' }] }));
    const verdict = verdicts.get(webKey);
    expect(verdict?.is === 'changing' ? verdict.steps : []).toMatchObject([
      { phase: 'fetch', input: { verb: 'reserve' } },
      { phase: 'down', acquires: [], releases: ['port:tcp:0.0.0.0:8081'], input: { endpoints: [moved] } },
      {
        phase: 'up',
        acquires: ['port:tcp:0.0.0.0:8080', 'port:tcp:0.0.0.0:8082'],
        releases: ['port:tcp:0.0.0.0:8082'],
        input: { endpoints: [port, { ...moved, address: '10.88.0.2' }] },
      },
    ]);
  });

  test('that are reserved already, or only lead elsewhere, are not reserved again', () => {
    const facts = view({ endpoints: [port], records: [applied({})] });
    expect(text(diffContainer(web, observedContainer([made(web)], { reserved: [port] }), facts))).toBe('web#publish up PortsChanged');
    const elsewhere = { ...port, address: '10.88.0.9' };
    expect(text(diffContainer(web, observedContainer([made(web)], { published: [elsewhere] }), facts))).toBe('web#publish up PortsChanged');
  });

  test('that were reserved for a container nobody desires any more are given up', () => {
    expect(text(diffContainer(null, observedContainer([], { reserved: [port] }), view()))).toBe('web#reserve down NotDesired');
  });

  test('are closed while a person has stopped it', () => {
    const stopped = made(web, { phase: 'exited', stoppedBy: 'user' });
    const facts = { endpoints: [port], records: [applied({}, { stoppedAt: 900 })] };
    expect(text(diffContainer(web, observedContainer([stopped], { published: [port] }), view(facts)))).toBe(
      'web#publish down PortsChanged',
    );
  });
});

describe('a container nobody desires', () => {
  test('is unpublished, stopped and removed with the reason it was given', () => {
    const observed = observedContainer([made(web, { stopSignal: 'SIGQUIT', graceMs: 5000 })], { published: [port] });
    const result = diffContainer(null, observed, view({ removal: { code: 'Deleted', message: 'a person deleted it', paths: [] } }));
    expect(text(result)).toBe('web#publish down Deleted\nweb:1#remove down Deleted\nweb:1#stop down Deleted');
    const verdict = result.verdicts.get(`${webKey}:1`);
    expect(verdict?.is === 'changing' ? verdict.steps[0]?.input : null).toMatchObject({ signal: 'SIGQUIT', graceMs: 5000 });
    expect(result.change?.action).toBe('delete');
  });

  test('has nothing to be done when nothing of it is there', () => {
    expect(diffContainer(null, null, view())).toEqual({ verdicts: new Map(), change: null });
  });
});

test('labels and logging change nothing that runs, and show as fields', () => {
  const desired = container({ logging: { driver: 'file', maxBytes: 1024, maxFiles: 2, keepOld: 0 } }, { labels: { a: 'b' } });
  const result = diffContainer(desired, observedContainer([made(web)]), view({ records: [applied({})] }));
  expect(text(result)).toBe('');
  expect(change(result)).toBe('update: logging.maxSize logging.maxFiles logging.keepOld');
});

test('equal inputs give an equal result, and another moment another instance', () => {
  const first = diffContainer(web, null, view());
  expect(diffContainer(web, null, view())).toEqual(first);
  expect(diffContainer(web, null, { ...view(), now: 2 })).not.toEqual(first);
  expect(imageKey).toBe('Image/_/registry.test/web:1');
});
