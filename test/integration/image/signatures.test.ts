/** Images that must be signed: what is accepted, what is refused and why, and that nothing of a refused one is ever fetched or unpacked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImages, type Images } from '../../../src/controllers/image/controller.ts';
import { defaultHttpLimits } from '../../../src/controllers/image/http.ts';
import { TsdockError } from '../../../src/model/errors.ts';
import { silentLogger } from '../../../src/model/log.ts';
import type { SignatureRule } from '../../../src/model/signature-rule.ts';
import { createFakeLayers, type FakeLayers } from '../../support/fake-layers.ts';
import { type BuiltBlob, buildImage, descriptor, hostArchitecture, toBlob } from '../../support/image-builder.ts';
import { type ScriptedRegistry, startScriptedRegistry } from '../../support/scripted-registry.ts';
import {
  bundleManifest,
  type Signed,
  type SigningKey,
  signatureManifest,
  signatureTag,
  signBundle,
  signDigest,
  signingKey,
} from '../../support/signatures.ts';

const image = buildImage({ name: '1', layers: [{ entries: [{ name: 'a', content: 'first' }] }] });
const other = buildImage({ name: '2', layers: [{ entries: [{ name: 'b', content: 'second' }] }] });
const digest = image.manifest.digest;
const key = signingKey();
const stranger = signingKey();
const name = 'registry.example.com/team/app';

let root: string;
let layers: FakeLayers;
let registry: ScriptedRegistry;
let closing: (() => unknown)[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-signatures-'));
  layers = createFakeLayers();
  registry = await startScriptedRegistry();
  closing = [() => registry.close()];
  registry.publish('team/app', '1', image);
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

function images(rule: Partial<SignatureRule> | null, keys: readonly SigningKey[] = [key]): Images {
  const made = createImages({
    stateDir: join(root, 'state'),
    layers,
    log: silentLogger,
    dockerConfig: null,
    registry: { http: { ...defaultHttpLimits, connectMs: 3000, headersMs: 5000, stallMs: 5000 }, tries: 1, firstWaitMs: 5 },
    network: { env: {} },
  });
  const whole = { keys: keys.map((one) => one.publicKey), policy: 'Any', identity: 'Any', ...rule } as const;
  made.requireSignatures(() => (rule === null ? [] : [{ ...whole, by: 'Registry "house"' }]));
  closing.push(() => made.close());
  return made;
}

function publishSignatures(signed: readonly Signed[], of: string = digest, repository = 'team/app'): void {
  const { config, manifest } = signatureManifest(signed);
  for (const blob of [config, ...signed.map(({ payload }) => payload)]) registry.publishBlob(repository, blob);
  registry.publishManifest(repository, signatureTag(of), manifest);
}

function publishReferrer(
  made: { readonly config: BuiltBlob; readonly manifest: BuiltBlob; readonly artifactType: string },
  of: string = digest,
): void {
  registry.publishBlob('team/app', made.config);
  registry.publishManifest('team/app', made.manifest.digest, made.manifest);
  const type = 'application/vnd.oci.image.index.v1+json';
  const manifests = [{ ...descriptor(made.manifest), artifactType: made.artifactType }];
  registry.publishManifest(
    'team/app',
    of.replace(':', '-'),
    toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests })), type),
  );
}

const pull = (from: Images, ref = `${registry.host}/team/app:1`) =>
  from.pull(ref, { signal: new AbortController().signal, report: () => undefined });

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TsdockError)) throw new Error(`no TsdockError: ${String(error)}`);
  return `${error.code} ${error.message}`.replaceAll(registry.host, 'HOST').replaceAll(digest, 'DIGEST');
}

/** Requests of layers, which a refused image must not cause. */
const layerRequests = () => image.layers.flatMap((layer) => registry.requestsOf(`/v2/team/app/blobs/${layer.digest}`));

describe('accepted', () => {
  test.each(['p256', 'rsa', 'ed25519'] as const)('a signature with a key of kind %s', async (kind) => {
    const made = signingKey(kind);
    publishSignatures([signDigest(made, digest, name)]);
    await expect(pull(images({}, [made]))).resolves.toMatchObject({ digest });
  });

  test('a signature among the referrers', async () => {
    const signed = signDigest(key, digest, name);
    registry.publishBlob('team/app', signed.payload);
    publishReferrer(signatureManifest([signed], descriptor(image.manifest)));
    await expect(pull(images({}))).resolves.toMatchObject({ digest });
  });

  test('a bundle among the referrers', async () => {
    const bundle = signBundle(key, digest);
    registry.publishBlob('team/app', bundle);
    publishReferrer(bundleManifest(bundle, descriptor(image.manifest)));
    await expect(pull(images({}))).resolves.toMatchObject({ digest });
  });

  test('the signature of the index an image was reached through, and that of the image itself', async () => {
    const type = 'application/vnd.oci.image.index.v1+json';
    const manifests = [{ ...descriptor(image.manifest), platform: { os: 'linux', architecture: hostArchitecture } }];
    const index = toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests })), type);
    registry.publishManifest('team/app', '1', index);
    publishSignatures([signDigest(key, index.digest, name)], index.digest);
    await expect(pull(images({}))).resolves.toMatchObject({ digest });
    publishSignatures([signDigest(stranger, index.digest, name)], index.digest);
    publishSignatures([signDigest(key, digest, name)]);
    await expect(pull(images({}))).resolves.toMatchObject({ digest });
  });

  test('one of several keys while they are changed, and all of them where all are asked for', async () => {
    publishSignatures([signDigest(key, digest, name)]);
    await expect(pull(images({}, [stranger, key]))).resolves.toMatchObject({ digest });
    expect(await refusal(pull(images({ policy: 'All' }, [stranger, key])))).toContain('by 1 of the keys where all 2 must have signed');
    publishSignatures([signDigest(key, digest, name), signDigest(stranger, digest, name)]);
    await expect(pull(images({ policy: 'All' }, [stranger, key]))).resolves.toMatchObject({ digest });
  });

  test('a right signature among wrong ones', async () => {
    publishSignatures([signDigest(stranger, digest, name), signDigest(key, other.manifest.digest, name), signDigest(key, digest, name)]);
    await expect(pull(images({}))).resolves.toMatchObject({ digest });
  });
});

describe('refused, and no layer of it is asked for', () => {
  afterEach(() => {
    expect(layerRequests()).toEqual([]);
    expect(layers.unpacked).toEqual([]);
  });

  test('no signature', async () => {
    expect(await refusal(pull(images({})))).toMatchInlineSnapshot(
      `"IMG040 HOST/team/app:1 (DIGEST) has no signature, Registry "house" requires one; nothing of it was unpacked"`,
    );
  });

  test('a signature with another key', async () => {
    publishSignatures([signDigest(stranger, digest, name)]);
    expect(await refusal(pull(images({})))).toMatchInlineSnapshot(
      `"IMG041 HOST/team/app:1 (DIGEST) is not signed as Registry "house" requires; of 1 signature: 1 made with none of the keys, or altered afterwards; nothing of it was unpacked"`,
    );
  });

  test('a signature of another image', async () => {
    publishSignatures([signDigest(key, other.manifest.digest, name)]);
    expect((await refusal(pull(images({})))).replaceAll(other.manifest.digest, 'OTHER')).toMatchInlineSnapshot(
      `"IMG041 HOST/team/app:1 (DIGEST) is not signed as Registry "house" requires; of 1 signature: 1 for another image, OTHER; nothing of it was unpacked"`,
    );
  });

  test('an altered payload', async () => {
    const { signature } = signDigest(key, other.manifest.digest, name);
    publishSignatures([{ payload: signDigest(key, digest, name).payload, signature }]);
    expect(await refusal(pull(images({})))).toContain('1 made with none of the keys, or altered afterwards');
  });

  test('a payload that is not the one its digest names', async () => {
    const signed = signDigest(key, digest, name);
    publishSignatures([signed]);
    registry.script(`/v2/team/app/blobs/${signed.payload.digest}`, () => ({ status: 200, body: Buffer.alloc(signed.payload.size, 32) }));
    expect(await refusal(pull(images({})))).toContain('IMG041');
  });

  test('a text that the key signed for another purpose', async () => {
    publishSignatures([signDigest(key, digest, name, 'atomic container signature')]);
    expect(await refusal(pull(images({})))).toContain('payload has type "atomic container signature"');
    const bundle = signBundle(key, digest, 'https://spdx.dev/Document');
    registry.publishBlob('team/app', bundle);
    publishReferrer(bundleManifest(bundle, descriptor(image.manifest)));
    expect(await refusal(pull(images({})))).toContain('which approves nothing');
  });

  test('a signature for another repository, where this one must be named', async () => {
    publishSignatures([signDigest(key, digest, 'registry.example.com/team/other')]);
    expect(await refusal(pull(images({ identity: 'Repository' })))).toContain(
      '1 for registry.example.com/team/other instead of this repository',
    );
  });

  test('a thousand wrong signatures: the first of them are read and no more', async () => {
    const wrong = Array.from({ length: 1000 }, (_, index) => signDigest(stranger, digest, `${name}${index}`));
    publishSignatures([...wrong, signDigest(key, digest, name)]);
    expect(await refusal(pull(images({})))).toContain(
      'of 64 signatures (no more than 64 of an image are read): 64 made with none of the keys',
    );
    const payloads = new Set(wrong.map(({ payload }) => `/v2/team/app/blobs/${payload.digest}`));
    expect(registry.requests.filter(({ path }) => payloads.has(path))).toHaveLength(64);
  });

  test('a list of signatures without end', async () => {
    registry.script(`/v2/team/app/manifests/${signatureTag(digest)}`, () => ({ status: 200, endless: true }));
    expect(await refusal(pull(images({})))).toContain('manifest of signatures');
  });

  test('a payload that would be huge', async () => {
    const signed = signDigest(key, digest, name);
    const huge = { ...signed.payload, size: 1 << 30 };
    publishSignatures([{ ...signed, payload: huge }]);
    expect(await refusal(pull(images({})))).toContain('1 too large (1073741824 bytes, at most 65536 are read)');
  });

  test('a registry that does not say whether there is a signature', async () => {
    registry.script(`/v2/team/app/manifests/${signatureTag(digest)}`, () => ({ status: 500 }));
    expect(await refusal(pull(images({})))).toContain('REG503');
  });

  test('an index from a lock that is signed, but does not lead to the image', async () => {
    const type = 'application/vnd.oci.image.index.v1+json';
    const manifests = [{ ...descriptor(other.manifest), platform: { os: 'linux', architecture: hostArchitecture } }];
    const index = toBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests })), type);
    registry.publish('team/app', '2', other);
    registry.publishManifest('team/app', 'index', index);
    publishSignatures([signDigest(key, index.digest, name)], index.digest);
    const held = images({});
    const ref = `${registry.host}/team/app:1`;
    const pin = { ref, digest, topDigest: index.digest, configDigest: image.config.digest, platform: 'linux/amd64', at: 0 } as const;
    const identity = { uid: 'u', set: 'cli:shop', specHash: 'v1:h', schemaVersion: 1 } as const;
    const action = { subject: 'Image/shop/app', verb: 'pull', input: { ref, identity, pin } } as never;
    const run = held.controller.run(action, { signal: new AbortController().signal, log: silentLogger, progress: () => undefined });
    expect(await refusal(run)).toContain('IMG040');
  });
});

describe('mirrors', () => {
  const mirrored = (mirror: ScriptedRegistry): Images => {
    const made = images({});
    const spec = {
      host: registry.host,
      mirrors: [mirror.host],
      auth: null,
      clientCertificate: null,
      ca: null,
      insecure: false,
      realms: [],
      verify: [],
    };
    made.configure([{ name: 'house', spec }]);
    return made;
  };
  const startMirror = async (): Promise<ScriptedRegistry> => {
    const mirror = await startScriptedRegistry();
    closing.push(() => mirror.close());
    return mirror;
  };

  test('what a mirror gives must be signed as well, and its registry is asked when the mirror has no signature', async () => {
    const mirror = await startMirror();
    mirror.publish('team/app', '1', other);
    publishSignatures([signDigest(key, digest, name)]);
    expect(await refusal(pull(mirrored(mirror)))).toContain('IMG040');
    expect(layers.unpacked).toEqual([]);
    mirror.publish('team/app', '1', image);
    await expect(pull(mirrored(mirror))).resolves.toMatchObject({ digest });
    expect(layerRequests()).toEqual([]);
  });

  test('a mirror that hides the right signature behind a wrong one hides nothing', async () => {
    const mirror = await startMirror();
    mirror.publish('team/app', '1', image);
    const wrong = signDigest(stranger, digest, name);
    mirror.publishBlob('team/app', wrong.payload);
    mirror.publishManifest('team/app', signatureTag(digest), signatureManifest([wrong]).manifest);
    publishSignatures([signDigest(key, digest, name)]);
    await expect(pull(mirrored(mirror))).resolves.toMatchObject({ digest });
  });
});
