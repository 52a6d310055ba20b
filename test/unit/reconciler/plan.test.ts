import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../src/model/operation.ts';
import type { Attempts, ResourceRecord } from '../../../src/model/plan.ts';
import type { ResourceKey } from '../../../src/model/resource.ts';
import { emptySummary } from '../../../src/reconciler/operation.ts';
import { render } from '../../../src/reconciler/render.ts';
import { momentOf, networkFunctions, planOf, testNow } from '../../support/builders.ts';

const doc = (kind: string, name: string, spec: string): string =>
  `---\napiVersion: tsdock/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const web = doc('Container', 'web', '{image: "registry.test/web:2", ports: ["8080:80"]}');
const image = 'Image registry.test/web:2';

describe('what is missing is made, used before user', () => {
  test('a new container: its image and network first; it waits for the image, whose content it is made from', () => {
    expect(render(planOf({ desired: web }))).toMatchInlineSnapshot(`
      "Image/_/registry.test/web:2#pull    Created: registry.test/web:2 is not on this host
      Network/default/default#create      Created: it does not exist
      blocked Container/default/web:1    WaitingForImage: registry.test/web:2 is not unpacked yet"
    `);
  });

  test('with image and network there it is created, started and published', () => {
    expect(render(planOf({ desired: web, observed: [image, 'Network default'] }))).toMatchInlineSnapshot(`
      "Container/default/web:1#create    Created: slot 1 has no instance
      Container/default/web#publish     PortsChanged: +0.0.0.0:8080/tcp    after Container/default/web:1#create"
    `);
  });

  test('what it depends on is started before it, and so it waits for it to exist', () => {
    const desired = web + doc('Container', 'api', '{image: "registry.test/web:2", dependsOn: [web]}');
    expect(render(planOf({ desired, observed: [image, 'Network default'] }))).toMatchInlineSnapshot(`
      "Container/default/web:1#create    Created: slot 1 has no instance
      Container/default/web#publish     PortsChanged: +0.0.0.0:8080/tcp    after Container/default/web:1#create
      Container/default/api:1#create    Created: slot 1 has no instance    after Container/default/web#publish, Container/default/web:1#create"
    `);
  });

  test('everything as it should be is an empty plan', () => {
    expect(render(planOf({ desired: web, observed: [image, 'Network default', 'web:1 running', 'web published'] }))).toBe('');
  });
});

describe('changes', () => {
  test('an instance made from another spec is taken down before its successor comes, which keeps the slot', () => {
    expect(
      render(planOf({ desired: web, observed: [image, 'Network default', 'web:1 running old', 'web published'] })),
    ).toMatchInlineSnapshot(`
      "Container/default/web:1#stop      SpecChanged: it was made from another spec
      Container/default/web:1#remove    SpecChanged: it was made from another spec    after Container/default/web:1#stop
      Container/default/web:1#create    SpecChanged: it was made from another spec    after Container/default/web:1#remove"
    `);
  });

  test('nothing is taken down for an image that is not here yet', () => {
    const observed = ['Network default', 'web:1 running old', 'web published'];
    expect(render(planOf({ desired: web, observed }))).toMatchInlineSnapshot(`
      "Image/_/registry.test/web:2#pull    Created: registry.test/web:2 is not on this host
      blocked Container/default/web:1    WaitingForImage: registry.test/web:2 is not unpacked yet"
    `);
  });

  test('a process in back-off is left to its supervisor, one that ended against its policy is started', () => {
    const desired = doc('Container', 'web', '{image: "registry.test/web:2", replicas: 2}');
    expect(render(planOf({ desired, observed: [image, 'Network default', 'web:1 backoff', 'web:2 exited'] }))).toMatchInlineSnapshot(
      `"Container/default/web:2#start    NotRunning: exit 1"`,
    );
  });

  test('a port goes from one container to another only after it was given up', () => {
    const desired =
      doc('Container', 'a', '{image: "registry.test/web:2"}') + doc('Container', 'b', '{image: "registry.test/web:2", ports: ["8080:80"]}');
    const formerly =
      doc('Container', 'a', '{image: "registry.test/web:2", ports: ["8080:80"]}') + doc('Container', 'b', '{image: "registry.test/web:2"}');
    const moment = momentOf({ desired: formerly, observed: [image, 'Network default', 'a:1 running', 'a published', 'b:1 running'] });
    expect(render(planOf({ desired, world: moment.observed }))).toMatchInlineSnapshot(`
      "Container/default/a#publish    PortsChanged: -0.0.0.0:8080/tcp
      Container/default/b#reserve    PortsChanged: +0.0.0.0:8080/tcp
      Container/default/b#publish    PortsChanged: +0.0.0.0:8080/tcp    after Container/default/a#publish, Container/default/b#reserve"
    `);
  });
});

describe('ports that another program may have', () => {
  const desired =
    doc('Container', 'a', '{image: "registry.test/web:2"}') + doc('Container', 'b', '{image: "registry.test/web:2", ports: ["8080:80"]}');
  const apply: Operation = {
    ...{ id: '1', sets: [], keys: ['Container/default/a', 'Container/default/b'], actor: '', startedAt: 0, deadline: testNow + 1000 },
    ...{ state: 'running', cause: null, endedAt: null, summary: emptySummary },
  };
  const planFor = (a: string) =>
    render(planOf({ desired, observed: [image, 'Network default', a, 'b:1 running'], context: { operations: [apply] } }));

  test('are reserved before an apply takes anything down', () => {
    expect(planFor('a:1 running old')).toMatchInlineSnapshot(`
      "Container/default/b#reserve     PortsChanged: +0.0.0.0:8080/tcp
      Container/default/a:1#stop      SpecChanged: it was made from another spec    after Container/default/b#reserve
      Container/default/a:1#remove    SpecChanged: it was made from another spec    after Container/default/a:1#stop
      Container/default/a:1#create    SpecChanged: it was made from another spec    after Container/default/a:1#remove
      Container/default/b#publish     PortsChanged: +0.0.0.0:8080/tcp    after Container/default/b#reserve"
    `);
  });

  test('are reserved by being published where nothing goes down', () => {
    expect(planFor('a:1 running')).toMatchInlineSnapshot(`"Container/default/b#publish    PortsChanged: +0.0.0.0:8080/tcp"`);
  });
});

describe('removal', () => {
  const formerly = web;

  test('what its set no longer names goes with what was only there for it, users first', () => {
    expect(
      render(planOf({ desired: '', formerly, observed: [image, 'Network default', 'web:1 running', 'web published'] })),
    ).toMatchInlineSnapshot(`
      "Container/default/web#publish     NotDesired: set cli:default no longer names it
      Container/default/web:1#stop      NotDesired: set cli:default no longer names it
      Container/default/web:1#remove    NotDesired: set cli:default no longer names it    after Container/default/web:1#stop
      Network/default/default#remove    NotDesired: nothing uses it any more    after Container/default/web#publish, Container/default/web:1#remove"
    `);
  });

  test.each([
    ['the set is incomplete', { complete: false }],
    ['the set does not prune', { prune: false }],
    ['the set holds it', { held: new Set<ResourceKey>(['Container/default/web']) }],
  ])('it stays when %s', (_, set) => {
    const next = planOf({ desired: '', formerly, set, observed: ['web:1 running'] });
    expect(next.actions).toEqual([]);
    expect(next.blocked.map(({ subject }) => subject)).toEqual(['Container/default/web']);
  });

  test('what a person deleted by name goes, whatever its set says', () => {
    const records = (map: Map<ResourceKey, ResourceRecord>): void => {
      const record = map.get('Container/default/web');
      if (record !== undefined) map.set(record.key, { ...record, deletedAt: 1 });
    };
    const next = planOf({ desired: '', formerly, records, set: { prune: false, complete: false }, observed: ['web:1 running'] });
    expect(next.actions.map((action) => action.id)).toEqual(['Container/default/web:1#stop', 'Container/default/web:1#remove']);
  });

  test('a network stays while somebody uses it', () => {
    const desired = doc('Container', 'web', '{image: "registry.test/web:2", networks: [front]}') + doc('Network', 'front', '{}');
    const records = (map: Map<ResourceKey, ResourceRecord>): void => {
      const record = map.get('Network/default/front');
      if (record !== undefined) map.set(record.key, { ...record, deletedAt: 1 });
    };
    const set = { complete: false };
    expect(
      render(planOf({ desired: '', formerly: desired, records, set, observed: [image, 'Network front', 'web:1 running'] })),
    ).toMatchInlineSnapshot(`
      "blocked Container/default/web    SourceMissing: set cli:default was not read completely
      blocked Network/default/front    StillInUse: Container/default/web uses it"
    `);
  });

  test('what carries no identity of ours is never touched', () => {
    const next = planOf({ desired: doc('Volume', 'data', '{}'), observed: ['foreign Volume data'] });
    expect(render(next)).toMatchInlineSnapshot(
      `"blocked Volume/default/data    OwnedElsewhere: something that is not ours stands in its place"`,
    );
    expect(planOf({ desired: '', formerly: doc('Volume', 'data', '{}'), observed: ['foreign Volume data'] })).toMatchObject({
      actions: [],
      blocked: [],
    });
  });
});

test('a new member does not wait for the names of its network to be rewritten', () => {
  const someone = { address: '10.88.0.9', namespace: 'default', names: ['other'], ready: true, forwarders: [] };
  const { actions } = planOf({
    desired: web,
    observed: [image, 'Network default'],
    context: { network: { ...networkFunctions, namesByNetwork: () => new Map([['Network/default/default', [someone]]]) } },
  });
  const names = actions.find((action) => action.kind === 'Network');
  expect(names?.reason.code).toBe('NamesChanged');
  expect(actions.filter((action) => action.kind === 'Container')).not.toHaveLength(0);
  for (const action of actions) expect(action.after).not.toContain(names?.id);
});

test('two containers trade their host ports: each gives up its own before it gets the other one', () => {
  const pair = (a: string, b: string) =>
    doc('Container', 'a', `{image: "registry.test/web:2", ports: ["${a}"]}`) +
    doc('Container', 'b', `{image: "registry.test/web:2", ports: ["${b}"]}`);
  const formerly = pair('8080:80', '8081:80');
  const observed = [image, 'Network default', 'a:1 running', 'a published', 'b:1 running', 'b published'];
  const world = momentOf({ desired: formerly, observed }).observed;
  expect(render(planOf({ desired: pair('8081:80', '8080:80'), world }))).toMatchInlineSnapshot(`
    "Container/default/a#reserve      PortsChanged: +0.0.0.0:8081/tcp -0.0.0.0:8080/tcp
    Container/default/a#publish      PortsChanged: +0.0.0.0:8081/tcp -0.0.0.0:8080/tcp    after Container/default/a#reserve
    Container/default/b#reserve      PortsChanged: +0.0.0.0:8080/tcp -0.0.0.0:8081/tcp
    Container/default/b#publish      PortsChanged: +0.0.0.0:8080/tcp -0.0.0.0:8081/tcp    after Container/default/b#reserve
    Container/default/a#publish-3    PortsChanged: +0.0.0.0:8081/tcp -0.0.0.0:8080/tcp    after Container/default/a#publish, Container/default/b#publish
    Container/default/b#publish-3    PortsChanged: +0.0.0.0:8080/tcp -0.0.0.0:8081/tcp    after Container/default/a#publish, Container/default/b#publish"
  `);
});

describe('holds', () => {
  const failed = (nextTry: number | null): Attempts => ({
    count: 2,
    lastAt: 1,
    nextTry,
    specHash: momentOf({ desired: web }).desired.resources.get('Container/default/web')?.specHash ?? null,
    error: { code: 'RUN020', message: 'overlay: EINVAL', hint: null, retryable: nextTry !== null },
  });

  test('a step that failed waits for its next try, and tells when', () => {
    const attempts = new Map([['Container/default/web:1#create' as const, failed(testNow + 4000)]]);
    const next = planOf({ desired: web, observed: [image, 'Network default'], context: { attempts } });
    expect(next.wakeAt).toBe(testNow + 4000);
    expect(render(next)).toMatchInlineSnapshot(
      `"blocked Container/default/web:1    CreateError: error[RUN020]: overlay: EINVAL (2 tries)"`,
    );
  });

  test('a terminal failure waits for another spec, not for time', () => {
    const attempts = new Map([['Container/default/web:1#create' as const, failed(null)]]);
    const observed = [image, 'Network default'];
    expect(planOf({ desired: web, observed, context: { attempts, now: testNow * 1000 } }).actions).toEqual([]);
    const changed = web.replace('8080:80', '8081:80');
    expect(planOf({ desired: changed, observed, context: { attempts } }).actions.map((action) => action.id)).toContain(
      'Container/default/web:1#create',
    );
  });

  test('ports are not opened while nothing they would lead to is there or on its way', () => {
    const desired = web.replace('ports:', 'dependsOn: [db], ports:') + doc('Container', 'db', '{image: "registry.test/db:1"}');
    expect(render(planOf({ desired, observed: [image, 'Network default'] }))).toMatchInlineSnapshot(`
      "Image/_/registry.test/db:1#pull    Created: registry.test/db:1 is not on this host
      blocked Container/default/db:1    WaitingForImage: registry.test/db:1 is not unpacked yet
      blocked Container/default/web:1    WaitingForDependency: Container/default/db: WaitingForImage, registry.test/db:1 is not unpacked yet"
    `);
  });

  test('a subject that is busy gets no second action, and its users wait for it', () => {
    const desired = web + doc('Container', 'api', '{image: "registry.test/web:2", dependsOn: [web]}');
    const first = planOf({ desired, observed: [image, 'Network default'] });
    const busy = first.actions.filter((action) => action.id === 'Container/default/web:1#create');
    const running = new Map(busy.map((action) => [action.subject, action]));
    expect(render(planOf({ desired, observed: [image, 'Network default'], context: { running } }))).toMatchInlineSnapshot(`
      "Container/default/web#publish     PortsChanged: +0.0.0.0:8080/tcp    after Container/default/web:1#create
      Container/default/api:1#create    Created: slot 1 has no instance    after Container/default/web#publish, Container/default/web:1#create"
    `);
  });

  test('a kind that could not be looked at is not planned for, since unknown is not absent', () => {
    const next = planOf({ desired: web, observed: [image], context: { unseen: new Map([['Network' as const, 'netlink: EIO']]) } });
    expect(render(next)).toMatchInlineSnapshot(`
      "blocked Container/default/web:1    NetworkMissing: Network/default/default is not up yet
      blocked Network/default/default    InternalError: it cannot be looked at: netlink: EIO"
    `);
  });

  test('a need that is nowhere is named', () => {
    const desired =
      doc('Container', 'web', '{image: "registry.test/web:2", dependsOn: [db]}') +
      doc('Container', 'db', '{image: "registry.test/web:2", state: Stopped}');
    expect(render(planOf({ desired, observed: [image, 'Network default'] }))).toMatchInlineSnapshot(
      `"blocked Container/default/web:1    WaitingForDependency: Container/default/db does not exist"`,
    );
  });
});

describe('secrets', () => {
  const given = doc('Secret', 'db', '{stringData: {password: one}}');
  const user = doc('Container', 'web', '{image: "registry.test/web:2", mounts: [{secret: db, path: /run/db}]}');

  test('a secret is written before who mounts it', () => {
    expect(render(planOf({ desired: given + user, observed: [image, 'Network default'] }))).toMatchInlineSnapshot(`
      "Secret/default/db#write    Created: it is not written
      blocked Container/default/web:1    SecretMissing: Secret/default/db is not written yet"
    `);
  });

  test('who mounts a secret that nobody can open waits, and so does nobody else', () => {
    const armored = '-----BEGIN AGE ENCRYPTED FILE-----\\nYWdl\\n-----END AGE ENCRYPTED FILE-----';
    const closed = doc('Secret', 'db', `{encrypted: {password: "${armored}"}}`);
    expect(
      render(planOf({ desired: closed + user + web.replace('name: web', 'name: other'), observed: [image, 'Network default'] })),
    ).toMatchInlineSnapshot(`
      "Container/default/other:1#create    Created: slot 1 has no instance
      Container/default/other#publish     PortsChanged: +0.0.0.0:8080/tcp    after Container/default/other:1#create
      blocked Container/default/web:1    SecretUndecryptable: "password" of Secret/default/db is encrypted for none of this host's identities
      blocked Secret/default/db    SecretUndecryptable: "password" of Secret/default/db is encrypted for none of this host's identities"
    `);
  });

  test('a value that changed is written first, then who mounts it is replaced', () => {
    const changed = given.replace('one', 'two');
    const world = momentOf({ desired: given + user, observed: [image, 'Network default', 'Secret db', 'web:1 running'] }).observed;
    expect(render(planOf({ desired: changed + user, world }))).toMatchInlineSnapshot(`
      "Secret/default/db#write    ContentChanged: its content differs
      blocked Container/default/web:1    SecretMissing: Secret/default/db is not written yet"
    `);
  });
});
