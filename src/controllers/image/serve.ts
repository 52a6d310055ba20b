import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Digest, isDigest } from '../../model/reference.ts';
import { refNameAnnotation } from './archive.ts';
import { digestOf, hexOf } from './content-store.ts';
import { isAbsent, readBounded } from './files.ts';
import { limits, parseManifest } from './oci.ts';

export interface ServeOptions {
  /** OCI layout directory; read again at each request, so that a rebuilt one is served at once. */
  readonly directory: string;
  /** Repository of entries whose name is a plain tag. */
  readonly repository: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
}

export interface ServedLayout {
  /** `127.0.0.1:41235`: what stands before the repository in a reference. */
  readonly host: string;
  close(): Promise<void>;
}

/**
 * Serves an OCI layout as a registry that can only be read (OCI distribution spec, pull and tag list), by default on loopback. Entries of index.json are found by their
 * `org.opencontainers.image.ref.name`: a tag of `repository`, or `repository:tag` in full; every blob can be had by digest under every repository.
 */
export async function serveLayout(options: ServeOptions): Promise<ServedLayout> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else fail(response, 500, 'UNKNOWN', error instanceof Error ? error.message : String(error));
    });
  });
  server.requestTimeout = 30_000;
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const { address, port, family } = server.address() as AddressInfo;
  return {
    host: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

const route =
  /^\/v2\/(?<repository>[a-z0-9][a-z0-9._/-]{0,254})\/(?<what>manifests|blobs|tags)\/(?<name>[A-Za-z0-9_][A-Za-z0-9._:-]{0,255})$/;

async function answer(request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return fail(response, 405, 'UNSUPPORTED', 'this registry can only be read');
  const { pathname } = new URL(request.url ?? '/', 'http://registry');
  if (pathname === '/v2/' || pathname === '/v2') return sendJson(response, method, {});
  const { repository = '', what, name = '' } = route.exec(pathname)?.groups ?? {};
  if (what === 'tags' && name === 'list') return sendTags(response, method, options, repository);
  if (what === 'manifests') return sendManifest(response, method, options, repository, name);
  if (what === 'blobs' && isDigest(name)) return sendBlob(request, response, method, options.directory, name);
  fail(response, 404, 'NAME_UNKNOWN', 'no such endpoint');
}

interface NamedEntry {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
}

async function namedEntries({ directory, repository }: ServeOptions): Promise<readonly NamedEntry[]> {
  const bytes = await readBounded(join(directory, 'index.json'), limits.manifestBytes);
  if (bytes === null) return [];
  const index = parseManifest(bytes, null, directory);
  if (index.is !== 'index') return [];
  return index.entries.flatMap(({ annotations, digest }) => {
    const name = annotations[refNameAnnotation] ?? 'latest';
    const colon = name.lastIndexOf(':');
    return [colon < 0 ? { repository, tag: name, digest } : { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest }];
  });
}

async function sendTags(response: ServerResponse, method: string, options: ServeOptions, repository: string): Promise<void> {
  const tags = (await namedEntries(options)).filter((entry) => entry.repository === repository).map((entry) => entry.tag);
  if (tags.length === 0) return fail(response, 404, 'NAME_UNKNOWN', `no repository ${repository}`);
  sendJson(response, method, { name: repository, tags });
}

async function sendManifest(
  response: ServerResponse,
  method: string,
  options: ServeOptions,
  repository: string,
  name: string,
): Promise<void> {
  const entries = await namedEntries(options);
  if (!entries.some((entry) => entry.repository === repository)) return fail(response, 404, 'NAME_UNKNOWN', `no repository ${repository}`);
  const digest = isDigest(name) ? name : entries.find((entry) => entry.repository === repository && entry.tag === name)?.digest;
  const bytes = digest === undefined ? null : await readBounded(blobPath(options.directory, digest), limits.manifestBytes);
  if (bytes === null || digest === undefined || digestOf(bytes) !== digest)
    return fail(response, 404, 'MANIFEST_UNKNOWN', `no manifest ${name}`);
  const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown };
  const parsed = parseManifest(bytes, null, options.directory);
  const type = typeof mediaType === 'string' ? mediaType : `application/vnd.oci.image.${parsed.is}.v1+json`;
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.byteLength, 'docker-content-digest': digest });
  response.end(method === 'HEAD' ? undefined : bytes);
}

async function sendBlob(
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  directory: string,
  digest: Digest,
): Promise<void> {
  const path = blobPath(directory, digest);
  const size = await sizeOf(path);
  if (size === null) return fail(response, 404, 'BLOB_UNKNOWN', `no blob ${digest}`);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start > 0 && start >= size) {
    response.setHeader('content-range', `bytes */${size}`);
    return fail(response, 416, 'RANGE_INVALID', 'beyond the end');
  }
  response.writeHead(start > 0 ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': size - start,
    'accept-ranges': 'bytes',
    'docker-content-digest': digest,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
  });
  if (method === 'HEAD' || size === start) return void response.end();
  await pipeline(createReadStream(path, { start, end: size - 1 }), response);
}

function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', digest.slice(0, digest.indexOf(':')), hexOf(digest));
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function sendJson(response: ServerResponse, method: string, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'docker-distribution-api-version': 'registry/2.0',
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  const body = JSON.stringify({ errors: [{ code, message }] });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
