import { describe, expect, test } from 'vitest';
import type { DiffResult, PlanView } from '../../../src/controllers/controller.ts';
import { diffImage } from '../../../src/controllers/image/diff.ts';
import type { ImagePin } from '../../../src/model/image-pin.ts';
import type { ObservedImage } from '../../../src/model/observed.ts';
import type { ResourceRecord } from '../../../src/model/plan.ts';
import { type Resource, type ResourceKey, resourceKey } from '../../../src/model/resource.ts';
import type { ImageSpec } from '../../../src/model/spec.ts';

const ref = 'registry.test/web:1';
const declared = resourceKey('Image', 'shop', 'web');
const implicit = resourceKey('Image', '_', ref);
const view: PlanView = {
  now: 0,
  removal: null,
  observed: () => null,
  desired: () => null,
  slotLease: () => null,
  networkLease: () => null,
  missingLease: () => null,
  endpoints: () => [],
  names: () => [],
  signatureRules: () => [],
  isReferenced: () => false,
  record: () => null,
};

const resourceRecord: ResourceRecord = {
  key: implicit,
  uid: 'u',
  set: 'cli:shop',
  source: 'implicit',
  generation: 1,
  specHash: 'v1:h',
  schemaVersion: 1,
  createdAt: 0,
  lastApplied: null,
  labels: {},
  network: null,
  slots: {},
  stoppedAt: null,
  restartAfter: null,
  deletedAt: null,
};

function wanted(key: ResourceKey<'Image'>, over: Partial<ImageSpec> = {}): Resource<'Image'> {
  const spec: ImageSpec = { ref, pullPolicy: 'IfNotPresent', keep: true, verify: null, ...over };
  const [, namespace = '', ...name] = key.split('/');
  const origin = { file: 'web.yaml', line: 3, column: 3 };
  return {
    key,
    kind: 'Image',
    namespace,
    name: name.join('/'),
    labels: {},
    annotations: {},
    spec,
    specHash: 'v1:h',
    refs: [],
    set: 'cli:shop',
    origin,
    implicit: namespace === '_',
    fields: { ref: { ...origin, line: 6 } },
  };
}

function found(key: ResourceKey<'Image'>, change: Partial<ObservedImage> = {}): ObservedImage {
  return {
    kind: 'Image',
    key,
    identity: { uid: 'u', set: 'cli:shop', specHash: 'v1:h', schemaVersion: 1 },
    uses: [],
    claims: [],
    ref,
    digest: `sha256:${'1'.repeat(64)}`,
    topDigest: `sha256:${'1'.repeat(64)}`,
    configDigest: `sha256:${'2'.repeat(64)}`,
    platform: 'linux/amd64',
    config: {
      env: [],
      entrypoint: [],
      cmd: [],
      workingDir: '',
      user: '',
      stopSignal: null,
      volumes: [],
      exposedPorts: [],
      labels: {},
      healthcheck: null,
    },
    layers: [],
    unpacked: true,
    sizeBytes: 1,
    resolvedAt: 0,
    signedBy: [],
    ...change,
  };
}

/** `pull Created: message`, one a step; `settled` when nothing is to be done. */
function show(result: DiffResult<'Image'>): string {
  const lines = [...result.verdicts].flatMap(([, verdict]) =>
    verdict.is === 'changing'
      ? verdict.steps.map((step) => `${step.phase} ${step.verb} ${step.input.ref} ${step.reason.code}: ${step.reason.message}`)
      : [verdict.is],
  );
  return lines.length === 0 ? 'settled' : lines.join('\n');
}

test.each([
  ['an image that is not here is pulled', wanted(implicit), null, `fetch pull ${ref} Created: ${ref} is not on this host`],
  ['an image that is here is settled, whoever pulled it', wanted(implicit), found(implicit, { identity: null }), 'settled'],
  [
    'an image with a missing layer is pulled again',
    wanted(declared),
    found(declared, { unpacked: false }),
    `fetch pull ${ref} Broken: layers of ${ref} are missing`,
  ],
  [
    'a changed reference is pulled',
    wanted(declared, { ref: 'registry.test/web:2' }),
    found(declared),
    `fetch pull registry.test/web:2 SpecChanged: registry.test/web:2 instead of ${ref}`,
  ],
  ['an undeclared image nobody wants stays as cache', null, found(implicit), 'settled'],
  ['a declared image nobody declares goes', null, found(declared), `down remove ${ref} NotDesired: no longer declared`],
  ['an image that is not ours stays', null, found(declared, { identity: null }), 'settled'],
] as const)('%s', (_, desired, observed, expected) => {
  expect(show(diffImage(desired, observed, view))).toBe(expected);
});

test('a changed reference is shown with both values and its place', () => {
  const { change } = diffImage(wanted(declared, { ref: 'registry.test/web:2' }), found(declared), view);
  expect(change).toMatchObject({
    action: 'update',
    fields: [{ path: 'ref', from: ref, to: 'registry.test/web:2', effect: 'in-place', source: { file: 'web.yaml', line: 6 } }],
    pull: { bytes: null },
  });
});

describe('a tag that had moved at the last apply', () => {
  const pin = {
    ref,
    digest: `sha256:${'7'.repeat(64)}`,
    topDigest: `sha256:${'8'.repeat(64)}`,
    configDigest: `sha256:${'9'.repeat(64)}`,
    platform: 'linux/amd64',
    at: 10,
  } as const;
  const pinned = (over: Partial<ImagePin> = {}): PlanView => ({ ...view, record: () => ({ ...resourceRecord, pin: { ...pin, ...over } }) });

  test('is fetched by its digest and shown with both', () => {
    const result = diffImage(wanted(implicit), found(implicit, { resolvedAt: 5 }), pinned());
    expect(show(result)).toBe(`fetch pull ${ref} ImageChanged: tag moved: ${ref} is sha256:777777777777 now, sha256:111111111111 is here`);
    const verdict = result.verdicts.get(implicit);
    expect(verdict?.is === 'changing' ? verdict.steps[0]?.input : null).toMatchObject({ pin });
    expect(result.change).toMatchObject({
      action: 'update',
      fields: [{ path: 'digest', from: `sha256:${'1'.repeat(64)}`, to: pin.digest }],
    });
  });

  test.each([
    ['is settled when it is here', { configDigest: pin.configDigest }, {}],
    ['gives way to what somebody fetched later', { resolvedAt: 11 }, {}],
    ['counts for its own reference only', { resolvedAt: 5 }, { ref: 'registry.test/web:0' }],
  ])('%s', (_, image, over) => {
    expect(show(diffImage(wanted(implicit), found(implicit, image), pinned(over)))).toBe('settled');
  });
});

test.each([
  ['stays away while nothing uses it', {}, ref, false, 'settled'],
  ['is pulled when something uses it', {}, ref, true, 'pull'],
  ['is pulled under another reference', {}, 'registry.test/web:0', false, 'pull'],
  ['is pulled when it is to be kept by now', { keep: true }, ref, false, 'pull'],
  ['was never here: it is pulled', {}, undefined, false, 'pull'],
] as const)('an image that was collected %s', (_, over, collected, isReferenced, expected) => {
  const record = { ...resourceRecord, ...(collected === undefined ? {} : { collected }) };
  const result = diffImage(wanted(declared, { keep: false, ...over }), null, {
    ...view,
    record: () => record,
    isReferenced: () => isReferenced,
  });
  expect(show(result)).toContain(expected);
});

test('an image that may not be fetched is told with what to do', () => {
  const result = diffImage(wanted(implicit, { pullPolicy: 'Never' }), null, view);
  expect(result.verdicts.get(implicit)).toMatchObject({ is: 'blocked', until: null, reason: { code: 'ImagePullBackOff' } });
  expect(show(diffImage(wanted(implicit, { pullPolicy: 'Never' }), found(implicit), view))).toBe('settled');
});

test('a settled image is no change', () => {
  expect(diffImage(wanted(declared), found(declared), view).change).toBeNull();
});
