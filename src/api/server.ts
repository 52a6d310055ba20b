import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TsdockError } from '../model/errors.ts';
import type { Logger } from '../model/log.ts';
import { serveExec } from './exec.ts';
import { execProtocol } from './frames.ts';
import { maxBodyBytes, type Problem, toProblem } from './protocol.ts';
import { type ApiContext, type ApiRequest, execPath, matchPath, matchRoute, type Reply } from './routes.ts';
import { writeLines } from './streams.ts';

export interface ServerOptions {
  /** Absolute path of the socket file; its directory exists. */
  readonly socket: string;
  readonly log: Logger;
  /** How long a client of a live stream may not read before it is dropped. */
  readonly stallMs?: number;
  /** How often the socket file is looked at, to make it again when a cleaner took it. */
  readonly checkMs?: number;
}

/** Bytes of a path that fit into sockaddr_un with the closing zero (unix(7)). */
const maxSocketPath = 107;
/** A reader of files may stop for as long as a person looks at a page. */
const patientMs = 3_600_000;

/** Serves the API on one unix socket until `close`. */
export class ApiServer {
  readonly #context: ApiContext;
  readonly #options: ServerOptions;
  readonly #closing = new AbortController();
  readonly #upgraded = new Set<Duplex>();
  #server: Server;
  #inode: bigint;
  #check: NodeJS.Timeout;

  /** Takes the socket: DMN001 when somebody answers on it; a stale file is replaced. */
  static async open(context: ApiContext, options: ServerOptions): Promise<ApiServer> {
    await refuseIfAnswered(options.socket);
    return new ApiServer(context, options);
  }

  private constructor(context: ApiContext, options: ServerOptions) {
    this.#context = context;
    this.#options = options;
    this.#server = this.#listen();
    this.#inode = inodeOf(options.socket) ?? 0n;
    this.#check = setInterval(() => this.#relisten(), options.checkMs ?? 10_000);
    this.#check.unref();
  }

  /** Takes no new request, ends streams, waits at most `graceMs` for answers under way. */
  async close(graceMs = 2_000): Promise<void> {
    clearInterval(this.#check);
    if (inodeOf(this.#options.socket) === this.#inode) unlinkSync(this.#options.socket);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#closing.abort(new TsdockError('CLI001', { message: 'the daemon is stopping' }));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
    clearTimeout(timer);
  }

  #listen(): Server {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    server.on('clientError', (_error, socket) => socket.destroy());
    server.on('error', (error) => this.#options.log.error('api socket failed', { error: error.message }));
    server.maxConnections = 1024;
    server.requestTimeout = 0; // an archive comes as fast as whoever makes it; heads have their own bound
    bindSocket(server, this.#options.socket);
    return server;
  }

  /** Makes the socket file again when it is gone; connections of before go on. */
  #relisten(): void {
    const inode = inodeOf(this.#options.socket);
    if (inode === this.#inode || inode !== null) return;
    try {
      const before = this.#server;
      mkdirSync(dirname(this.#options.socket), { recursive: true, mode: 0o711 });
      this.#server = this.#listen();
      this.#inode = inodeOf(this.#options.socket) ?? 0n;
      before.close();
      this.#options.log.warn('api socket was removed and is made again', { socket: this.#options.socket });
    } catch (error) {
      this.#options.log.error('api socket cannot be made again', { socket: this.#options.socket, error: String(error) });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => left.abort(new TsdockError('ABORTED', { message: 'the client left' })));
    response.on('error', () => undefined); // followed by close
    try {
      await this.#send(response, await this.#handle(request, AbortSignal.any([left.signal, this.#closing.signal])));
    } catch (error) {
      this.#fail(request, response, error);
    }
  }

  async #handle(request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
    refuseForeign(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { route, path } = matchRoute(request.method ?? 'GET', url.pathname);
    const takesArchive = route.takes === 'archive';
    if (takesArchive) expectType(request, 'application/x-tar');
    const body = route.body === null || takesArchive ? null : await readJson(request);
    const archive = takesArchive ? (request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) : nothing();
    const parsed: ApiRequest = { path, query: url.searchParams, body, archive, signal };
    return await route.handle(this.#context, parsed);
  }

  async #send(response: ServerResponse, reply: Reply): Promise<void> {
    if (reply.is === 'json') {
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
      return;
    }
    if (reply.is === 'archive') return await this.#sendArchive(response, reply.pieces);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    const stallMs = reply.pace === 'patient' ? patientMs : (this.#options.stallMs ?? 60_000);
    const end = await writeLines(response, reply.lines, { stallMs });
    if (end === 'sent') response.end();
    if (end === 'dropped') {
      this.#options.log.warn('a client that does not read was dropped', { stallMs });
      response.destroy();
    }
  }

  async #sendArchive(response: ServerResponse, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    try {
      await pipeline(pieces, response);
    } catch (error) {
      this.#options.log.warn('an archive was not sent to its end', { error: error instanceof Error ? error.message : String(error) });
      response.destroy();
    }
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const problem = toProblem(error);
    if (problem.code === 'INTERNAL') {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#options.log.error('a request failed unexpectedly', { method: request.method, url: request.url, stack });
    }
    if (response.destroyed) return;
    if (response.headersSent) {
      response.end(`${JSON.stringify({ error: problem })}\n`);
      return;
    }
    // What was not read of a body would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify(problem));
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => undefined); // followed by close
    try {
      refuseForeign(request);
      const target = matchPath(execPath, new URL(request.url ?? '/', 'http://localhost').pathname);
      if (target === null || request.method !== 'POST' || request.headers.upgrade !== execProtocol) {
        throw new TsdockError('API404', { message: `no upgrade to "${request.headers.upgrade}" on ${request.url}` });
      }
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${execProtocol}\r\n\r\n`);
      const { namespace = '', name = '' } = target;
      await serveExec(socket, head, { namespace, name }, (options) => this.#context.engine.exec(options));
    } catch (error) {
      socket.end(rawProblem(toProblem(error)));
    }
  }
}

function rawProblem(problem: Problem): string {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

// ------------------------------------------------------------------------------------------------------------------- requests

/** Names under which local programs speak to a unix socket; a browser that was led here sends another one. */
const allowedHosts: ReadonlySet<string> = new Set(['localhost', 'tsdock', 'unix', 'docker', '127.0.0.1', '[::1]']);

/** API403 for what a web page could have sent: a foreign Host, any Origin, a fetch from another site. Before anything else is looked at. */
function refuseForeign(request: IncomingMessage): void {
  const { host = '', origin } = request.headers;
  if (!allowedHosts.has(host)) throw new TsdockError('API403', { message: `Host ${JSON.stringify(host.slice(0, 60))} is not allowed` });
  if (origin !== undefined) throw new TsdockError('API403', { message: `Origin ${JSON.stringify(origin.slice(0, 60))} is not allowed` });
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none') throw new TsdockError('API403', { message: 'requests of web pages are not allowed' });
}

/** The JSON body. API013 over the limit, before it is read when its length is told; API400 for another media type; JSON001 with line and column. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  expectType(request, 'application/json');
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  return parseJson((await bodyOf(request)).toString('utf8'));
}

/** By events: an iterator takes turns of the loop for what came in one piece. One that is too long is read no further. */
function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size <= maxBodyBytes) return;
      request.off('data', onData);
      request.pause();
      reject(tooLarge());
    };
    const left = (cause?: unknown): void => reject(new TsdockError('ABORTED', { message: 'the client left', cause }));
    request.on('data', onData);
    request.once('close', left);
    request.once('error', left);
    request.once('end', () => {
      request.off('close', left);
      resolve(Buffer.concat(chunks));
    });
  });
}

function expectType(request: IncomingMessage, wanted: string): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== wanted) throw new TsdockError('API400', { message: `the body must be ${wanted}`, hint: `Content-Type: ${wanted}` });
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

const tooLarge = () => new TsdockError('API013', { message: `body over ${maxBodyBytes / 1024 / 1024} MiB` });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TsdockError('JSON001', { message: describeJsonError(text, cause), hint: 'the body must be one JSON object', cause });
  }
}

/** The parser tells an offset for some mistakes only; for the others it quotes the place. */
function describeJsonError(text: string, error: unknown): string {
  const offset = /at position (?<offset>\d+)/.exec(String(error))?.groups?.offset;
  if (offset !== undefined) return `unexpected token at ${lineAndColumn(text, Number(offset))}`;
  return error instanceof Error ? error.message.replaceAll('\n', ' ') : 'not JSON';
}

function lineAndColumn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

// --------------------------------------------------------------------------------------------------------------------- socket

function inodeOf(path: string): bigint | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

/** Connects first: only a socket nobody answers on is ours to replace. */
async function refuseIfAnswered(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxSocketPath) {
    const message = `socket path "${path}" has ${Buffer.byteLength(path)} bytes, the kernel allows ${maxSocketPath}`;
    throw new TsdockError('DMN010', { message, hint: '--run-dir' });
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw new TsdockError('DMN010', { message: `${path} is there and no socket`, hint: 'remove it, or use another --run-dir' });
  if (await answers(path)) {
    throw new TsdockError('DMN001', { message: `another daemon answers on ${path}`, hint: 'use that one, or --run-dir and --state-dir' });
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

/**
 * Binds in a directory only we may enter and moves the finished socket into place: it is never there with other rights than 0660 and the group `tsdock`
 * (left to root when there is no such group). bind(2) happens inside `listen`, before it returns.
 */
function bindSocket(server: Server, path: string): void {
  const directory = mkdtempSync(join(dirname(path), '.s'));
  try {
    const unfinished = join(directory, 's');
    if (Buffer.byteLength(unfinished) > maxSocketPath)
      throw new TsdockError('DMN010', { message: `${dirname(path)} is too long for a socket` });
    server.listen(unfinished);
    const group = groupId('tsdock');
    if (group !== null) chownSync(unfinished, -1, group);
    chmodSync(unfinished, 0o660);
    renameSync(unfinished, path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Id of a group of this host, from /etc/group (group(5)); null without one. */
function groupId(name: string): number | null {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2]);
  return line === undefined || !Number.isInteger(id) ? null : id;
}
