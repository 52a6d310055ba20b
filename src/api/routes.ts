/** Every endpoint, as a table: what is served, what is documented in OpenAPI and what the client calls come from it. A handler parses, calls the engine, formats. */
import type { ApplyOptions, EngineApi, LogOptions, Progress, RemoveOptions, WaitOptions } from '../model/engine-api.ts';
import { TsdockError } from '../model/errors.ts';
import type { SourceSnapshot } from '../model/graph.ts';
import { labelsMatch, parseSelector } from '../model/labels.ts';
import { type ObjectKind, objectKinds, type ResourceKey, resourceKey } from '../model/resource.ts';
import type { ResourceStatus } from '../model/status.ts';
import { openApiOf } from './openapi.ts';
import {
  asRecord,
  badRequest,
  causeToJson,
  eventToJson,
  planToJson,
  progressToJson,
  resourceToJson,
  resultToJson,
  snapshotsFromJson,
} from './protocol.ts';
import { progressOf } from './streams.ts';

export interface ApiContext {
  readonly engine: EngineApi;
  /** JSON schema of a kind, null for a kind there is none of. */
  readonly schemaOf: (kind: string) => Promise<unknown>;
  /** Texts of manifests to snapshots; throws MANIFEST with diagnostics. */
  readonly load: (input: FilesInput) => Promise<readonly SourceSnapshot[]>;
}

/** Manifests as texts, for programs that do not load them themselves. */
export interface FilesInput {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly namespace: string;
  readonly set: string | null;
  readonly prune: boolean;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ApiRequest {
  /** Decoded `{name}` parts of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed body; null without one. */
  readonly body: unknown;
  /** Bytes of the body, for a route that takes an archive; empty otherwise. */
  readonly archive: AsyncIterable<Uint8Array>;
  /** Aborted when the client leaves or the server closes. */
  readonly signal: AbortSignal;
}

export type Reply =
  | { readonly is: 'json'; readonly status: number; readonly body: unknown }
  | { readonly is: 'lines'; readonly lines: AsyncIterable<unknown>; readonly pace: 'live' | 'patient' }
  /** A tar archive. A failure in the middle tears the connection, so that nobody takes a part for the whole. */
  | { readonly is: 'archive'; readonly pieces: AsyncIterable<Uint8Array> };

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` stands for one path segment, percent-encoded by the client. */
  readonly path: string;
  readonly summary: string;
  readonly query: readonly Parameter[];
  /** Description of the JSON body; null: none. */
  readonly body: string | null;
  /** The body is a tar archive of any length (`application/x-tar`) instead. */
  readonly takes?: 'archive';
  readonly answers: 'json' | 'lines' | 'archive';
  readonly handle: (context: ApiContext, request: ApiRequest) => Promise<Reply>;
}

const json = (body: unknown, status = 200): Reply => ({ is: 'json', status, body });
const list = (items: readonly unknown[]): Reply => json({ apiVersion: 'tsdock/v1', kind: 'List', items });

const text = (name: string, description: string): Parameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): Parameter => ({ name, type: 'boolean', description });
const count = (name: string, description: string): Parameter => ({ name, type: 'integer', description });

const waitFields = '`wait` (true), `timeoutMs` (300000), `actor` (api)';
const inputFields = '`snapshots`, or `files` [{path, text}] with `namespace`, `set`, `prune`, `variables`';

/** Upgraded instead of answered (frames.ts); documented beside the table. */
export const execPath = '/v1/instances/{namespace}/{name}/exec';

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/healthz',
    summary: 'The process answers',
    query: [],
    body: null,
    answers: 'json',
    handle: async () => json({ status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    summary: 'The engine answers',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => {
      await engine.info();
      return json({ status: 'ready' });
    },
  },
  {
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This description',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => json(openApiOf(routes, execPath, (await engine.info()).version)),
  },
  {
    method: 'GET',
    path: '/v1/version',
    summary: 'Versions of engine and API',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => {
      const { version, pid, startedAt } = await engine.info();
      return json({ version, pid, startedAt, node: process.versions.node, apiVersions: ['tsdock/v1'] });
    },
  },
  {
    method: 'GET',
    path: '/v1/info',
    summary: 'Engine, directories and what the host offers',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => json(await engine.info()),
  },
  {
    method: 'GET',
    path: '/v1/schema/{kind}',
    summary: 'JSON schema of a kind',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ schemaOf }, { path }) => {
      const schema = await schemaOf(param(path, 'kind'));
      if (schema === null) throw new TsdockError('API404', { message: `no kind "${param(path, 'kind')}"` });
      return json(schema);
    },
  },
  {
    method: 'GET',
    path: '/v1/resources',
    summary: 'Objects of all kinds',
    query: [
      text('kind', 'only this kind'),
      text('namespace', 'only this namespace'),
      text('name', 'only this name'),
      text('set', 'only what this set owns'),
      text('labelSelector', 'comma-separated key=value, key!=value, key, !key'),
    ],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { query }) => {
      const kind = query.get('kind');
      const found = await engine.resources({
        kind: kind === null ? null : parseKind(kind),
        namespace: query.get('namespace'),
        name: query.get('name'),
      });
      const set = query.get('set');
      const selector = parseSelector(query.get('labelSelector') ?? '');
      return list(
        found
          .filter((item) => (set === null || item.metadata.set === set) && labelsMatch(selector, item.metadata.labels))
          .map(resourceToJson),
      );
    },
  },
  {
    method: 'GET',
    path: '/v1/usage',
    summary: 'What running instances use now: CPU time, memory, processes',
    query: [text('namespace', 'only this namespace')],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { query }) => list(await engine.usage({ namespace: query.get('namespace') })),
  },
  {
    method: 'GET',
    path: '/v1/why/{kind}/{namespace}/{name}',
    summary: 'Why an object is as it is, down to what a person can change',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path, signal }) => json(causeToJson(await engine.why(keyOf(path), { signal }))),
  },
  {
    method: 'GET',
    path: '/v1/instances',
    summary: 'Running and ended copies of containers',
    query: [text('namespace', 'only this namespace')],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { query }) => list(await engine.instances({ namespace: query.get('namespace') })),
  },
  {
    method: 'GET',
    path: '/v1/instances/{namespace}/{name}/logs',
    summary: 'Log entries of an instance, or of all of a container merged by time',
    query: [
      flag('follow', 'go on with new entries'),
      count('tail', 'only the last so many'),
      text('since', 'only entries at or after this time (RFC 3339)'),
      flag('previous', 'the incarnation before the present one'),
    ],
    body: null,
    answers: 'lines',
    handle: async ({ engine }, request) => ({ is: 'lines', pace: 'patient', lines: await started(engine.logs(parseLogs(request))) }),
  },
  {
    method: 'GET',
    path: '/v1/events',
    summary: 'The ordered event log',
    query: [count('since', 'only events after this sequence number'), flag('watch', 'go on with new events')],
    body: null,
    answers: 'lines',
    handle: async ({ engine }, { query, signal }) => {
      const options = { since: parseCount(query, 'since') ?? 0, follow: parseFlag(query, 'watch'), signal };
      return { is: 'lines', pace: 'live', lines: mapped(engine.events(options), eventToJson) };
    },
  },
  {
    method: 'GET',
    path: '/v1/sets',
    summary: 'Sets with their revision and files',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => list(await engine.sets()),
  },
  {
    method: 'GET',
    path: '/v1/sets/{set}',
    summary: 'One set',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => {
      const set = (await engine.sets()).find((candidate) => candidate.id === param(path, 'set'));
      if (set === undefined) throw new TsdockError('API404', { message: `no set "${param(path, 'set')}"` });
      return json(set);
    },
  },
  {
    method: 'POST',
    path: '/v1/sets/{set}:prune',
    summary: 'Lets a held prune pass',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => {
      await engine.confirmPrune(param(path, 'set'));
      return json({ set: param(path, 'set') });
    },
  },
  {
    method: 'POST',
    path: '/v1/plan',
    summary: 'What an apply would do; changes nothing',
    query: [],
    body: inputFields,
    answers: 'json',
    handle: async (context, { body }) => json(planToJson(await context.engine.plan(await parseInput(context, asRecord(body, 'the body'))))),
  },
  {
    method: 'POST',
    path: '/v1/apply',
    summary: 'Makes the input desired and follows the operation: lines {progress}, last {result}',
    query: [],
    body: `${inputFields}; ${waitFields}, \`takeOwnership\`, \`force\`, \`maxDelete\` (0.3)`,
    answers: 'lines',
    handle: async (context, { body, signal }) => {
      const fields = asRecord(body, 'the body');
      const snapshots = await parseInput(context, fields);
      const options = parseApplyOptions(fields, signal);
      return following((onProgress) => context.engine.apply(snapshots, { ...options, onProgress }), resultToJson);
    },
  },
  {
    method: 'POST',
    path: '/v1/remove',
    summary: 'Deletes objects by key: lines {progress}, last {result}',
    query: [],
    body: `\`keys\`, \`cascade\`, \`force\`, \`retained\` (refuse, keep or remove), ${waitFields}`,
    answers: 'lines',
    handle: async ({ engine }, { body, signal }) => {
      const fields = asRecord(body, 'the body');
      const keys = parseKeys(fields);
      const options = parseRemoveOptions(fields, signal);
      return following((onProgress) => engine.remove(keys, { ...options, onProgress }), resultToJson);
    },
  },
  ...(['stop', 'start', 'restart'] as const).map(
    (verb): Route => ({
      method: 'POST',
      path: `/v1/containers:${verb}`,
      summary: `Asks containers to ${verb}: lines {progress}, last {result}`,
      query: [],
      body: `\`keys\`, ${waitFields}`,
      answers: 'lines',
      handle: async ({ engine }, { body, signal }) => {
        const fields = asRecord(body, 'the body');
        const keys = parseKeys(fields).filter((key): key is ResourceKey<'Container'> => key.startsWith('Container/'));
        const options = parseWaitOptions(fields, signal);
        return following((onProgress) => engine[verb](keys, { ...options, onProgress }), resultToJson);
      },
    }),
  ),
  {
    method: 'GET',
    path: '/v1/images',
    summary: 'Images on this host',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => list(await engine.images()),
  },
  {
    method: 'POST',
    path: '/v1/images:pull',
    summary: 'Resolves a reference again and pulls what is missing: lines {progress}, last {result}',
    query: [],
    body: '`ref`',
    answers: 'lines',
    handle: async ({ engine }, { body, signal }) => {
      const ref = parseText(asRecord(body, 'the body'), 'ref');
      return following(
        (onProgress) => engine.pullImage(ref, { signal, onProgress }),
        (image) => image,
      );
    },
  },
  {
    method: 'POST',
    path: '/v1/images:lookup',
    summary: 'What references stand for in their registries now; changes nothing',
    query: [],
    body: '`refs`',
    answers: 'json',
    handle: async ({ engine }, { body, signal }) =>
      list(await engine.lookUpImages(parseList(asRecord(body, 'the body'), 'refs'), { signal })),
  },
  {
    method: 'POST',
    path: '/v1/images:tag',
    summary: 'One more name for an image of this host',
    query: [],
    body: '`ref`, `as`, `replace` (false)',
    answers: 'json',
    handle: async ({ engine }, { body }) => {
      const fields = asRecord(body, 'the body');
      return json(await engine.tagImage(parseText(fields, 'ref'), parseText(fields, 'as'), { replace: fields.replace === true }));
    },
  },
  {
    method: 'POST',
    path: '/v1/images:prune',
    summary: 'Removes images that nothing uses, and content that no image needs',
    query: [],
    body: '`olderThanMs` (0), `dryRun` (false)',
    answers: 'json',
    handle: async ({ engine }, { body }) => {
      const { olderThanMs = 0, dryRun = false } = asRecord(body, 'the body');
      if (typeof olderThanMs !== 'number' || !(olderThanMs >= 0)) throw badRequest('olderThanMs must be a number, 0 or more');
      return json(await engine.pruneImages({ olderThanMs, dryRun: dryRun !== false }));
    },
  },
  {
    method: 'POST',
    path: '/v1/gc',
    summary: 'Removes images that nothing uses until the disk is as empty as the EngineConfig wants it',
    query: [],
    body: '`dryRun` (false)',
    answers: 'json',
    handle: async ({ engine }, { body }) => {
      const { dryRun = false } = asRecord(body ?? {}, 'the body');
      return json(await engine.collectGarbage({ dryRun: dryRun !== false }));
    },
  },
  {
    method: 'GET',
    path: '/v1/images:save',
    summary: 'Images of this host as one tar archive',
    query: [
      text('ref', 'reference; may be given several times'),
      text('format', 'oci (default): OCI image layout; docker: what docker load reads'),
    ],
    body: null,
    answers: 'archive',
    handle: async ({ engine }, { query, signal }) => {
      const format = query.get('format') ?? 'oci';
      if (format !== 'oci' && format !== 'docker') throw badRequest('format must be oci or docker');
      const refs = query.getAll('ref');
      if (refs.length === 0) throw badRequest('ref must be given');
      return { is: 'archive', pieces: await begun(engine.saveImages(refs, { format, signal })) };
    },
  },
  {
    method: 'POST',
    path: '/v1/images:load',
    summary: 'Brings the images of a tar archive, an OCI image layout or what docker saves: lines {progress}, last {result}',
    query: [
      text('label', 'what messages call the archive'),
      text('as', 'name of the only image'),
      flag('replace', 'takes over names that stand for other images'),
    ],
    body: 'the archive',
    takes: 'archive',
    answers: 'lines',
    handle: async ({ engine }, { query, archive, signal }) => {
      const options = { label: query.get('label') ?? 'the archive', as: query.get('as'), replace: parseFlag(query, 'replace'), signal };
      return following(
        (onProgress) => engine.loadImages(archive, { ...options, onProgress }),
        (images) => images,
      );
    },
  },
  {
    method: 'GET',
    path: '/v1/df',
    summary: 'What lies on the disk of the state directory',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }) => json(await engine.diskUsage()),
  },
  {
    method: 'GET',
    path: '/v1/images/{ref}/history',
    summary: 'How an image of this host was made, newest step first',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => list(await engine.imageHistory(param(path, 'ref'))),
  },
  {
    method: 'POST',
    path: '/v1/images:verify',
    summary: 'Compares everything of images with what it should be and replaces what is damaged: lines {progress}, last {result}',
    query: [],
    body: '`refs` ([]: all), `repair` (true)',
    answers: 'lines',
    handle: async ({ engine }, { body, signal }) => {
      const fields = asRecord(body, 'the body');
      const refs = parseList({ refs: [], ...fields }, 'refs');
      return following(
        (onProgress) => engine.verifyImages(refs, { repair: fields.repair !== false, signal, onProgress }),
        (report) => report,
      );
    },
  },
  {
    method: 'GET',
    path: '/v1/images/{ref}',
    summary: 'Everything about an image of this host, and what its registry has about it',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path, signal }) => json(await engine.inspectImage(param(path, 'ref'), { signal })),
  },
  {
    method: 'DELETE',
    path: '/v1/images/{ref}',
    summary: 'Removes an image that nothing uses',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => {
      await engine.removeImage(param(path, 'ref'));
      return json({ ref: param(path, 'ref') });
    },
  },
  {
    method: 'GET',
    path: '/v1/{kind}/{namespace}/{name}',
    summary: 'One object',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => json(resourceToJson(await oneResource(engine, path))),
  },
  {
    method: 'GET',
    path: '/v1/{kind}/{namespace}/{name}/status',
    summary: 'Status of one object',
    query: [],
    body: null,
    answers: 'json',
    handle: async ({ engine }, { path }) => json(resourceToJson(await oneResource(engine, path)).status),
  },
  {
    method: 'DELETE',
    path: '/v1/{kind}/{namespace}/{name}',
    summary: 'Deletes one object: lines {progress}, last {result}',
    query: [
      flag('cascade', 'also what uses it'),
      flag('force', 'also when it is protected'),
      flag('allowDataLoss', 'also the data of a volume'),
    ],
    body: null,
    answers: 'lines',
    handle: async ({ engine }, { path, query, signal }) => {
      const key = keyOf(path);
      const options: Following<RemoveOptions> = {
        ...parseWaitOptions({}, signal),
        cascade: parseFlag(query, 'cascade'),
        force: parseFlag(query, 'force'),
        retained: parseFlag(query, 'allowDataLoss') ? 'remove' : 'refuse',
      };
      return following((onProgress) => engine.remove([key], { ...options, onProgress }), resultToJson);
    },
  },
];

// ------------------------------------------------------------------------------------------------------------------- matching

export interface Match<R> {
  readonly route: R;
  readonly path: Readonly<Record<string, string>>;
}

/** Finds the route of a request: API404 when no path fits, API405 when none of the fitting ones has the method. */
export function matchRoute(method: string, pathname: string): Match<Route> {
  const fitting = routes.flatMap((route) => {
    const path = matchPath(route.path, pathname);
    return path === null ? [] : [{ route, path }];
  });
  const match = fitting.find(({ route }) => route.method === method);
  if (match !== undefined) return match;
  if (fitting.length === 0) throw new TsdockError('API404', { message: `no endpoint ${pathname}`, hint: 'GET /v1/openapi.json' });
  const methods = fitting.map(({ route }) => route.method).join(', ');
  throw new TsdockError('API405', { message: `${method} is not possible on ${pathname}`, hint: `possible: ${methods}` });
}

/** Decoded parts of `pathname` by the names in `pattern`; null when it does not fit. */
export function matchPath(pattern: string, pathname: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const found = pathname.split('/');
  if (wanted.length !== found.length) return null;
  const path: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = matchSegment(segment, found[index] ?? '', path);
    if (!value) return null;
  }
  return path;
}

const segmentPattern = /^\{(?<name>\w+)\}(?<suffix>.*)$/;

function matchSegment(wanted: string, found: string, path: Record<string, string>): boolean {
  const groups = segmentPattern.exec(wanted)?.groups;
  if (groups === undefined) return wanted === found;
  const { name = '', suffix = '' } = groups;
  if (!found.endsWith(suffix) || found.length === suffix.length) return false;
  const value = decoded(found.slice(0, found.length - suffix.length));
  if (value === null) return false;
  path[name] = value;
  return true;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

// -------------------------------------------------------------------------------------------------------------------- parsing

function param(path: Readonly<Record<string, string>>, name: string): string {
  const value = path[name];
  if (value === undefined) throw new RangeError(`no {${name}} in the path of this route`);
  return value;
}

/** A kind as people write it in a path: any case. API404 for none of ours. */
function parseKind(value: string): ObjectKind {
  const kind = objectKinds.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (kind === undefined) throw new TsdockError('API404', { message: `no kind "${value}"`, hint: `kinds are ${objectKinds.join(', ')}` });
  return kind;
}

function keyOf(path: Readonly<Record<string, string>>): ResourceKey {
  return resourceKey(parseKind(param(path, 'kind')), param(path, 'namespace'), param(path, 'name'));
}

async function oneResource(engine: EngineApi, path: Readonly<Record<string, string>>): Promise<ResourceStatus> {
  const kind = parseKind(param(path, 'kind'));
  const [resource] = await engine.resources({ kind, namespace: param(path, 'namespace'), name: param(path, 'name') });
  if (resource === undefined)
    throw new TsdockError('API404', { message: `no ${kind} "${param(path, 'namespace')}/${param(path, 'name')}"` });
  return resource;
}

function parseInput(context: ApiContext, fields: Readonly<Record<string, unknown>>): Promise<readonly SourceSnapshot[]> {
  if (fields.files === undefined) return Promise.resolve(snapshotsFromJson(fields.snapshots));
  if (!Array.isArray(fields.files)) throw badRequest('files must be a list');
  return context.load({
    files: fields.files.map((file: unknown, index) => {
      const record = asRecord(file, `files[${index}]`);
      return { path: parseText(record, 'path'), text: parseText(record, 'text') };
    }),
    namespace: fields.namespace === undefined ? 'default' : parseText(fields, 'namespace'),
    set: fields.set == null ? null : parseText(fields, 'set'),
    prune: fields.prune === true,
    variables: parseTexts(asRecord(fields.variables ?? {}, 'variables')),
  });
}

function parseTexts(map: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  for (const name of Object.keys(map)) parseText(map, name);
  return map as Readonly<Record<string, string>>;
}

/** Each of them may be a request to somebody else. */
const maxListed = 1000;

function parseList(fields: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = fields[name];
  const isList = Array.isArray(value) && value.length <= maxListed && value.every((item): item is string => typeof item === 'string');
  if (!isList) throw badRequest(`${name} must be a list of at most ${maxListed} texts`);
  return value;
}

function parseText(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw badRequest(`${name} must be a text`);
  return value;
}

function parseKeys(fields: Readonly<Record<string, unknown>>): readonly ResourceKey[] {
  const { keys } = fields;
  const isKey = (key: unknown): key is ResourceKey => typeof key === 'string' && /^[A-Z][A-Za-z]+\/[^/]+\/.+$/.test(key);
  if (!Array.isArray(keys) || !keys.every(isKey)) throw badRequest('keys must be a list of keys such as "Container/default/web"');
  return keys;
}

type Following<O> = Omit<O, 'onProgress'>;

function parseWaitOptions(fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Following<WaitOptions> {
  const { timeoutMs = 300_000, actor = 'api', wait = true } = fields;
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) throw badRequest('timeoutMs must be a positive number');
  if (typeof actor !== 'string') throw badRequest('actor must be a text');
  return { actor, wait: wait !== false, timeoutMs, signal };
}

function parseApplyOptions(fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Following<ApplyOptions> {
  const { maxDelete = 0.3 } = fields;
  if (typeof maxDelete !== 'number' || !(maxDelete >= 0 && maxDelete <= 1)) throw badRequest('maxDelete must be a number from 0 to 1');
  return { ...parseWaitOptions(fields, signal), takeOwnership: fields.takeOwnership === true, force: fields.force === true, maxDelete };
}

function parseRemoveOptions(fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Following<RemoveOptions> {
  const { retained = 'refuse' } = fields;
  if (retained !== 'refuse' && retained !== 'keep' && retained !== 'remove') throw badRequest('retained must be refuse, keep or remove');
  return { ...parseWaitOptions(fields, signal), cascade: fields.cascade === true, force: fields.force === true, retained };
}

function parseLogs({ path, query, signal }: ApiRequest): LogOptions {
  const since = query.get('since');
  const sinceMs = since === null ? null : Date.parse(since);
  if (Number.isNaN(sinceMs)) throw badRequest(`since "${since}" is not a time`, '2026-03-01T12:00:00Z');
  return {
    namespace: param(path, 'namespace'),
    name: param(path, 'name'),
    follow: parseFlag(query, 'follow'),
    tail: parseCount(query, 'tail'),
    sinceMs,
    previous: parseFlag(query, 'previous'),
    signal,
  };
}

function parseFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}

function parseCount(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  if (value === null) return null;
  if (!/^\d{1,15}$/.test(value)) throw badRequest(`${name} "${value}" is not a number`);
  return Number(value);
}

// ------------------------------------------------------------------------------------------------------------------- replying

async function following<R>(run: (onProgress: (progress: Progress) => void) => Promise<R>, toJson: (result: R) => unknown): Promise<Reply> {
  const lines = mapped(progressOf(run), (line) =>
    'progress' in line ? { progress: progressToJson(line.progress) } : { result: toJson(line.result) },
  );
  return { is: 'lines', pace: 'live', lines: await started(lines) };
}

async function* mapped<T, U>(source: AsyncIterable<T>, map: (value: T) => U): AsyncGenerator<U, void, undefined> {
  for await (const value of source) yield map(value);
}

/** Waits a moment for the first line, so that a refusal becomes a problem with its status and not a line in a stream that began as a success. */
async function started<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined); // thrown here or by the first read
  await Promise.race([first, new Promise((resolve) => setTimeout(resolve, firstLineMs))]);
  return resumed(first, iterator);
}

/** Waits for the first piece, so that a refusal becomes a problem with its status. */
async function begun<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return resumed(Promise.resolve(first), iterator);
}

const firstLineMs = 200;

async function* resumed<T>(first: Promise<IteratorResult<T>>, iterator: AsyncIterator<T>): AsyncGenerator<T, void, undefined> {
  try {
    for (let next = await first; !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
