import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServedLayout, serveLayout } from '../../../src/controllers/image/serve.ts';
import { type BuiltImage, buildLayout } from '../../support/image-builder.ts';

let root: string;
let served: ServedLayout;
let built: readonly BuiltImage[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tsdock-serve-'));
  const layers = [{ entries: [{ name: 'a', content: 'x'.repeat(5000) }] }];
  built = buildLayout(join(root, 'layout'), [
    { name: '1', layers },
    { name: 'team/app:2', layers, run: { Env: ['V=2'] } },
  ]);
  served = await serveLayout({ directory: join(root, 'layout'), repository: 'demo/web' });
});
afterEach(async () => {
  await served.close();
  rmSync(root, { recursive: true, force: true });
});

/** Sends the path as it is: `fetch` would tidy it up. */
function ask(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  const [host = '', port = ''] = served.host.split(':');
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('gives manifests by tag and digest and lists tags', async () => {
  const [one, two] = built;
  const byTag = await ask('/v2/demo/web/manifests/1');
  expect(byTag.headers).toMatchObject({ 'content-type': one?.manifest.mediaType, 'docker-content-digest': one?.manifest.digest });
  expect((await ask(`/v2/team/app/manifests/${two?.manifest.digest}`)).body.equals(Buffer.from(two?.manifest.bytes ?? ''))).toBe(true);
  expect(JSON.parse((await ask('/v2/team/app/tags/list')).body.toString())).toEqual({ name: 'team/app', tags: ['2'] });
  expect((await ask('/v2/')).status).toBe(200);
});

test('HEAD tells the length and sends nothing', async () => {
  const layer = built[0]?.layers[0];
  const head = await ask(`/v2/demo/web/blobs/${layer?.digest}`, 'HEAD');
  expect(head).toMatchObject({ status: 200, headers: { 'content-length': String(layer?.size) } });
  expect(head.body.length).toBe(0);
});

test('goes on from an offset and refuses one beyond the end', async () => {
  const layer = built[0]?.layers[0];
  const rest = await ask(`/v2/demo/web/blobs/${layer?.digest}`, 'GET', { range: 'bytes=10-' });
  expect(rest).toMatchObject({ status: 206, headers: { 'content-range': `bytes 10-${(layer?.size ?? 0) - 1}/${layer?.size}` } });
  expect(rest.body.equals(Buffer.from(layer?.bytes ?? '').subarray(10))).toBe(true);
  expect((await ask(`/v2/demo/web/blobs/${layer?.digest}`, 'GET', { range: `bytes=${layer?.size}-` })).status).toBe(416);
});

test.each([
  ['/v2/demo/web/manifests/9', 'GET', 404],
  ['/v2/other/manifests/1', 'GET', 404],
  [`/v2/demo/web/blobs/sha256:${'0'.repeat(64)}`, 'GET', 404],
  ['/v2/demo/web/blobs/sha256:../../../index.json', 'GET', 404],
  ['/v2/demo/web/blobs/..%2f..%2findex.json', 'GET', 404],
  ['/v2/../../etc/passwd', 'GET', 404],
  ['/', 'GET', 404],
  ['/v2/demo/web/manifests/1', 'PUT', 405],
  ['/v2/demo/web/blobs/uploads/', 'POST', 405],
])('%s with %s is %i', async (path, method, status) => {
  expect((await ask(path, method)).status).toBe(status);
});

test('skopeo can copy from it', async () => {
  const source = `docker://${served.host}/team/app:2`;
  await promisify(execFile)('skopeo', ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', source, `oci:${join(root, 'copy')}:x`]);
  const index = JSON.parse(readFileSync(join(root, 'copy/index.json'), 'utf8')) as { manifests: readonly { digest: string }[] };
  expect(index.manifests[0]?.digest).toBe(built[1]?.manifest.digest);
});

test('listens on loopback only', () => {
  expect(served.host).toMatch(/^127\.0\.0\.1:\d+$/);
});
