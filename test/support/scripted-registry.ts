import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { BuiltBlob, BuiltImage } from './image-builder.ts';

/** What the registry does with one request instead of answering properly. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Closes the connection after this many bytes of the body. */
  readonly cutAt?: number;
  /** Sends this many bytes of the body and then nothing more. */
  readonly stallAt?: number;
  /** Sends the body one byte each so many milliseconds. */
  readonly trickleMs?: number;
  /** Never answers. */
  readonly silent?: boolean;
  /** Closes the connection without an answer. */
  readonly reset?: boolean;
  /** Sends bytes without end. */
  readonly endless?: boolean;
  /** Answers only after so many milliseconds. */
  readonly delayMs?: number;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Name in the certificate the client showed; null: none. */
  readonly client: string | null;
  /** Of a form that was posted; complete when the answer is. */
  body: string;
}

type Script = readonly Answer[] | ((request: IncomingMessage, nth: number) => Answer | null);

/** An HTTP server on loopback that behaves like a registry until it is told to misbehave, and writes down every header it gets. */
export interface ScriptedRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly port: number;
  /** Most requests that were open at the same time. */
  readonly peak: () => number;
  readonly requests: readonly RecordedRequest[];
  /** Makes an image available under a tag and its digests. */
  publish(repository: string, tag: string, image: BuiltImage): void;
  /** Any document under a tag or digest. */
  publishManifest(repository: string, name: string, blob: BuiltBlob): void;
  publishBlob(repository: string, blob: BuiltBlob): void;
  /** The next requests of `path` get these answers, one each; then the ordinary one again. A function decides for each; null: the ordinary one. */
  script(path: string, script: Script): void;
  /** Requests of paths that begin with this. */
  requestsOf(prefix: string): readonly RecordedRequest[];
  close(): Promise<void>;
}

export async function startScriptedRegistry(
  options: {
    /** `ca`: clients are asked for a certificate of it, and turned away without one unless it is only wanted. */
    readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string; readonly client?: 'required' | 'wanted' };
    readonly address?: string;
    readonly port?: number;
  } = {},
): Promise<ScriptedRegistry> {
  let open = 0;
  let peak = 0;
  const documents = new Map<string, BuiltBlob>();
  const scripts = new Map<string, { readonly script: Script; used: number }>();
  const requests: RecordedRequest[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const { method = '', headers } = request;
    const recorded: RecordedRequest = { method, path: url.pathname, query: url.search, headers, client: clientOf(request), body: '' };
    requests.push(recorded);
    peak = Math.max(peak, ++open);
    response.once('close', () => open--);
    request.on('data', (chunk: Buffer) => (recorded.body += chunk.toString()));
    request.once('end', () => {
      const answer = nextAnswer(scripts.get(url.pathname), request);
      if (answer === null) behave(request, response, documents.get(url.pathname) ?? null);
      else setTimeout(() => misbehave(request, response, answer, documents.get(url.pathname) ?? null), answer.delayMs ?? 0);
    });
  };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(onRequest)
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: tls.client !== 'wanted' }, onRequest);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, options.address ?? '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const publishManifest = (repository: string, name: string, blob: BuiltBlob): void => {
    documents.set(`/v2/${repository}/manifests/${name}`, blob);
    documents.set(`/v2/${repository}/manifests/${blob.digest}`, blob);
  };
  const publishBlob = (repository: string, blob: BuiltBlob): void => {
    documents.set(`/v2/${repository}/blobs/${blob.digest}`, { ...blob, mediaType: 'application/octet-stream' });
  };
  return {
    host: `127.0.0.1:${port}`,
    port,
    peak: () => peak,
    requests,
    publishManifest,
    publishBlob,
    publish(repository, tag, image) {
      publishManifest(repository, tag, image.manifest);
      for (const blob of [image.config, ...image.layers]) publishBlob(repository, blob);
    },
    script: (path, script) => void scripts.set(path, { script, used: 0 }),
    requestsOf: (prefix) => requests.filter((request) => request.path.startsWith(prefix)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nextAnswer(entry: { readonly script: Script; used: number } | undefined, request: IncomingMessage): Answer | null {
  if (entry === undefined) return null;
  const nth = entry.used++;
  return typeof entry.script === 'function' ? entry.script(request, nth) : (entry.script[nth] ?? null);
}

function behave(request: IncomingMessage, response: ServerResponse, blob: BuiltBlob | null): void {
  if (blob === null) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}');
    return;
  }
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { 'content-type': blob.mediaType, 'content-length': blob.size - start, 'docker-content-digest': blob.digest };
  response.writeHead(
    start > 0 ? 206 : 200,
    start > 0 ? { ...headers, 'content-range': `bytes ${start}-${blob.size - 1}/${blob.size}` } : headers,
  );
  response.end(blob.bytes.subarray(start));
}

function clientOf(request: IncomingMessage): string | null {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return null;
  const { subject } = socket.getPeerCertificate();
  return subject === undefined ? null : String(subject.CN);
}

/** An answer that says nothing but how long it takes is the ordinary one, late. */
function misbehave(request: IncomingMessage, response: ServerResponse, answer: Answer, ordinary: BuiltBlob | null): void {
  if (Object.keys(answer).join() === 'delayMs') {
    behave(request, response, ordinary);
    return;
  }
  if (answer.silent === true) return;
  if (answer.reset === true) {
    request.socket.destroy();
    return;
  }
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status ?? 200, answer.headers);
  response.flushHeaders();
  if (answer.endless === true) sendForEver(response);
  else if (answer.trickleMs !== undefined) trickle(response, body, answer.trickleMs);
  else if (answer.cutAt !== undefined) response.write(body.subarray(0, answer.cutAt), () => request.socket.destroy());
  else if (answer.stallAt !== undefined) response.write(body.subarray(0, answer.stallAt));
  else response.end(body);
}

function sendForEver(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 0x61);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

function trickle(response: ServerResponse, body: Buffer, everyMs: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (response.destroyed || sent === body.length) return clearInterval(timer);
    response.write(body.subarray(sent, ++sent));
  }, everyMs);
}
