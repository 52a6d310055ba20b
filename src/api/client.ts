import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type {
  ApplyResult,
  DiskUsage,
  EngineApi,
  EngineInfo,
  ExecOptions,
  ExecSession,
  GcReport,
  HistoryItem,
  ImageDetails,
  ImageItem,
  ImageLookup,
  InstanceUsage,
  LogEntry,
  LogOptions,
  Progress,
  PruneReport,
  SetStatus,
  WaitOptions,
} from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { parseKey, type ResourceKey } from '../model/resource.ts';
import type { InstanceItem } from '../model/status.ts';
import { formatInstant } from '../model/time.ts';
import { describeAccess } from './access.ts';
import { openExec } from './exec.ts';
import { execProtocol } from './frames.ts';
import {
  type ApplyResultJson,
  type CauseJson,
  causeFromJson,
  type EventJson,
  eventFromJson,
  fromProblem,
  type PlanReportJson,
  type Problem,
  type ProgressJson,
  planFromJson,
  progressFromJson,
  type ResourceJson,
  resourceFromJson,
  resultFromJson,
  snapshotToJson,
} from './protocol.ts';

/** What a request is and how it may end; `signal` tears it. */
interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** A body of bytes instead, of any length. */
  readonly archive?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

interface ListJson<T> {
  readonly items: readonly T[];
}

/** Query parameters; null is left out. */
type Query = Readonly<Record<string, string | number | boolean | null>>;

/**
 * The engine behind a daemon's socket. Failures of the engine come back as TsdockError with their code, an unreachable daemon as CLI001, a forbidden socket as
 * CLI002. Connections are opened when needed and none keeps the process alive.
 */
export function createClient(socketPath: string): EngineApi {
  const agent = new Agent({ keepAlive: true });
  const call = <T>(options: Call) => callJson<T>(agent, socketPath, options);
  const lines = (options: Call) => callLines(agent, socketPath, options);
  const follow = async <T>(options: Call, onProgress: (progress: Progress) => void): Promise<T> => {
    for await (const line of lines(options)) {
      const { progress, result } = line as { readonly progress?: ProgressJson; readonly result?: T };
      if (progress !== undefined) onProgress(progressFromJson(progress));
      if (result !== undefined) return result;
    }
    throw lost();
  };
  const change = async (path: string, options: WaitOptions, fields: Readonly<Record<string, unknown>>): Promise<ApplyResult> => {
    const { signal, onProgress, ...rest } = options;
    return resultFromJson(await follow<ApplyResultJson>({ method: 'POST', path, body: { ...rest, ...fields }, signal }, onProgress));
  };
  const touch = (verb: 'stop' | 'start' | 'restart') => (keys: readonly ResourceKey[], options: WaitOptions) =>
    change(`/v1/containers:${verb}`, options, { keys });

  return {
    plan: async (snapshots) =>
      planFromJson(await call<PlanReportJson>({ method: 'POST', path: '/v1/plan', body: { snapshots: snapshots.map(snapshotToJson) } })),
    apply: (snapshots, options) => change('/v1/apply', options, { snapshots: snapshots.map(snapshotToJson) }),
    remove: (keys, options) => change('/v1/remove', options, { keys }),
    stop: touch('stop'),
    start: touch('start'),
    restart: touch('restart'),
    resources: async (filter) => {
      const path = withQuery('/v1/resources', { ...filter });
      return (await call<ListJson<ResourceJson>>({ method: 'GET', path })).items.map(resourceFromJson);
    },
    instances: async (filter) =>
      (await call<ListJson<InstanceItem>>({ method: 'GET', path: withQuery('/v1/instances', { ...filter }) })).items,
    sets: async () => (await call<ListJson<SetStatus>>({ method: 'GET', path: '/v1/sets' })).items,
    usage: async (filter) => (await call<ListJson<InstanceUsage>>({ method: 'GET', path: withQuery('/v1/usage', { ...filter }) })).items,
    why: async (key, { signal }) => {
      const { kind, namespace, name } = parseKey(key);
      return causeFromJson(
        await call<CauseJson>({ method: 'GET', path: `/v1/why/${kind}/${namespace}/${encodeURIComponent(name)}`, signal }),
      );
    },
    confirmPrune: async (set) => void (await call({ method: 'POST', path: `/v1/sets/${encodeURIComponent(set)}:prune` })),
    events: ({ since, follow: watch, signal }) =>
      eventsOf(lines({ method: 'GET', path: withQuery('/v1/events', { since, watch }), signal })),
    logs: (options) => lines({ method: 'GET', path: logsPath(options), signal: options.signal }) as AsyncIterable<LogEntry>,
    exec: (options) => exec(agent, socketPath, options),
    images: async () => (await call<ListJson<ImageItem>>({ method: 'GET', path: '/v1/images' })).items,
    pullImage: (ref, { signal, onProgress }) => follow({ method: 'POST', path: '/v1/images:pull', body: { ref }, signal }, onProgress),
    lookUpImages: async (refs, { signal }) =>
      (await call<ListJson<ImageLookup>>({ method: 'POST', path: '/v1/images:lookup', body: { refs }, signal })).items,
    inspectImage: (ref, { signal }) => call<ImageDetails>({ method: 'GET', path: `/v1/images/${encodeURIComponent(ref)}`, signal }),
    imageHistory: async (ref) =>
      (await call<ListJson<HistoryItem>>({ method: 'GET', path: `/v1/images/${encodeURIComponent(ref)}/history` })).items,
    tagImage: (ref, as, { replace }) => call<ImageItem>({ method: 'POST', path: '/v1/images:tag', body: { ref, as, replace } }),
    pruneImages: (options) => call<PruneReport>({ method: 'POST', path: '/v1/images:prune', body: options }),
    collectGarbage: (options) => call<GcReport>({ method: 'POST', path: '/v1/gc', body: options }),
    saveImages: (refs, { format, signal }) => {
      const query = new URLSearchParams([...refs.map((ref): [string, string] => ['ref', ref]), ['format', format]]);
      return callBytes(agent, socketPath, { method: 'GET', path: `/v1/images:save?${query}`, signal });
    },
    loadImages: async (archive, { label, as, replace, signal, onProgress }) => {
      const body = remembered(archive);
      try {
        const path = withQuery('/v1/images:load', { label, as, replace });
        return await follow({ method: 'POST', path, signal, archive: body.bytes }, onProgress);
      } catch (error) {
        throw body.failure()?.error ?? error; // what broke the connection says more than that it broke
      }
    },
    diskUsage: () => call<DiskUsage>({ method: 'GET', path: '/v1/df' }),
    verifyImages: (refs, { repair, signal, onProgress }) =>
      follow({ method: 'POST', path: '/v1/images:verify', body: { refs, repair }, signal }, onProgress),
    removeImage: async (ref) => void (await call({ method: 'DELETE', path: `/v1/images/${encodeURIComponent(ref)}` })),
    info: () => call<EngineInfo>({ method: 'GET', path: '/v1/info' }),
  };
}

/** Whether a daemon answers on a socket within `timeoutMs`: `silent` is one that takes the connection and says nothing. CLI002 when the socket may not be opened. */
export async function probeDaemon(socketPath: string, timeoutMs: number): Promise<'answers' | 'absent' | 'silent'> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const agent = new Agent();
  try {
    await callJson(agent, socketPath, { method: 'GET', path: '/healthz', signal: timeout });
    return 'answers';
  } catch (error) {
    if (timeout.aborted) return 'silent';
    if (error instanceof TsdockError && error.code === 'CLI001') return 'absent';
    throw error;
  }
}

async function* eventsOf(lines: AsyncIterable<unknown>): AsyncGenerator<Event, void, undefined> {
  for await (const line of lines) yield eventFromJson(line as EventJson);
}

function logsPath({ namespace, name, follow, tail, sinceMs, previous }: LogOptions): string {
  const path = `/v1/instances/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/logs`;
  return withQuery(path, { follow, tail, previous, since: sinceMs === null ? null : formatInstant(sinceMs) });
}

function withQuery(path: string, query: Query): string {
  const present = Object.entries(query).filter(([, value]) => value !== null && value !== false);
  if (present.length === 0) return path;
  return `${path}?${new URLSearchParams(present.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

// ----------------------------------------------------------------------------------------------------------------- requests

async function callJson<T>(agent: Agent, socketPath: string, call: Call): Promise<T> {
  const response = await send(agent, socketPath, call);
  return JSON.parse(await textOf(response)) as T;
}

/** Lines of a stream until its end; a line `{error}` is thrown, a torn stream is CLI001, an aborted one ends. */
async function* callLines(agent: Agent, socketPath: string, call: Call): AsyncGenerator<unknown, void, undefined> {
  let rest = '';
  try {
    const response = await send(agent, socketPath, call);
    response.setEncoding('utf8');
    for await (const chunk of response as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) yield parseLine(part);
    }
  } catch (error) {
    if (call.signal?.aborted) throw call.signal.reason instanceof TsdockError ? call.signal.reason : aborted(error);
    throw error instanceof TsdockError ? error : lost(error);
  }
}

function parseLine(line: string): unknown {
  const value: unknown = JSON.parse(line);
  if (typeof value === 'object' && value !== null && 'error' in value && Object.keys(value).length === 1) {
    throw fromProblem(value.error as Problem);
  }
  return value;
}

/** Pieces of an answer of bytes. One that ends too early is CLI001: whoever wrote it was stopped, or found that it was wrong. */
async function* callBytes(agent: Agent, socketPath: string, call: Call): AsyncGenerator<Uint8Array, void, undefined> {
  const response = await send(agent, socketPath, call);
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    if (call.signal?.aborted) throw aborted(error);
    throw lost(error);
  }
}

/** Sends and waits for a good answer; problems are thrown. */
async function send(agent: Agent, socketPath: string, call: Call): Promise<IncomingMessage> {
  const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
  const request = httpRequest({
    socketPath,
    agent,
    method: call.method,
    path: call.path,
    headers: {
      host: 'tsdock',
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': body.byteLength }),
      ...(call.archive === undefined ? {} : { 'content-type': 'application/x-tar' }),
    },
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const answer = answered(request, socketPath);
  if (call.archive === undefined) request.end(body ?? undefined);
  else upload(call.archive, request, answer).catch((error: unknown) => request.destroy(error instanceof Error ? error : undefined));
  const response = await answer;
  if (response.statusCode === 200) return response;
  throw await problemOf(response);
}

/** Sends a body while its answer begins already. One that is refused is sent no further. */
async function upload(archive: AsyncIterable<Uint8Array>, request: ClientRequest, answer: Promise<IncomingMessage>): Promise<void> {
  const refused = answer.then(
    ({ statusCode }) => (statusCode === 200 ? new Promise<never>(() => undefined) : ('refused' as const)),
    () => 'refused' as const,
  );
  for await (const chunk of archive) {
    if (request.write(chunk)) continue;
    const drained = new Promise<'drained'>((resolve) => request.once('drain', () => resolve('drained')));
    const gone = new Promise<'refused'>((resolve) => request.once('close', () => resolve('refused')));
    if ((await Promise.race([drained, refused, gone])) === 'refused') return;
  }
  request.end();
}

/** Bytes with the failure that ended them; null: there was none. */
function remembered(source: AsyncIterable<Uint8Array>): {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly failure: () => { readonly error: unknown } | null;
} {
  let failure: { readonly error: unknown } | null = null;
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { bytes: bytes(), failure: () => failure };
}

function answered(request: ClientRequest, socketPath: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(error, socketPath)));
  });
}

async function problemOf(response: IncomingMessage): Promise<TsdockError> {
  const text = await textOf(response);
  if (response.headers['content-type'] === 'application/problem+json') return fromProblem(JSON.parse(text) as Problem);
  return new TsdockError('CLI001', { message: `the socket answers ${response.statusCode}, but not as a daemon of tsdock does` });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    throw lost(error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What a failed connection means to the person who asked; a daemon that never was and one that is gone look the same here. */
function unreachable(error: NodeJS.ErrnoException, socketPath: string): TsdockError {
  if (error.name === 'AbortError') return aborted(error);
  if (error.code === 'EACCES') {
    return new TsdockError('CLI002', {
      message: describeAccess(socketPath) ?? `${socketPath} may not be opened by this user`,
      hint: 'sudo, or join group tsdock',
      cause: error,
    });
  }
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    const why = error.code === 'ENOENT' ? 'no such socket' : 'refused';
    return new TsdockError('CLI001', {
      message: `no daemon on ${socketPath} (${why})`,
      hint: 'tsdock daemon, or journalctl -u tsdock',
      cause: error,
    });
  }
  return lost(error);
}

const aborted = (cause: unknown) => new TsdockError('ABORTED', { message: 'interrupted', cause });
const lost = (cause?: unknown) =>
  new TsdockError('CLI001', { message: 'the daemon closed the connection', hint: 'is it being stopped? try again', cause });

// --------------------------------------------------------------------------------------------------------------------- exec

async function exec(agent: Agent, socketPath: string, options: ExecOptions): Promise<ExecSession> {
  const request = httpRequest({
    socketPath,
    agent,
    method: 'POST',
    path: `/v1/instances/${encodeURIComponent(options.namespace)}/${encodeURIComponent(options.name)}/exec`,
    headers: { host: 'tsdock', connection: 'Upgrade', upgrade: execProtocol },
  });
  request.end();
  const { socket, head } = await upgraded(request, socketPath);
  return await openExec(socket, head, options);
}

function upgraded(request: ClientRequest, socketPath: string): Promise<{ readonly socket: Duplex; readonly head: Buffer }> {
  return new Promise((resolve, reject) => {
    request.once('upgrade', (_response, socket, head) => resolve({ socket, head }));
    request.once('response', (response) => problemOf(response).then(reject, reject));
    request.on('error', (error) => reject(unreachable(error, socketPath)));
  });
}
