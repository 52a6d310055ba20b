/**
 * What travels over the socket: the JSON forms of the engine's data (also those of `-o json`), problems, and the frames of an upgraded exec. Instants are
 * RFC 3339 texts on the wire and milliseconds inside.
 */

import type { ApplyResult, Cause, PlanReport, Progress } from '../model/engine-api.ts';
import { type DiagnosticFacts, type ErrorCode, errorCodes, TsdockError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { SourceSnapshot } from '../model/graph.ts';
import type { Operation } from '../model/operation.ts';
import type { Blocked } from '../model/plan.ts';
import type { AnyResource, Instant, Origin, ResourceKey } from '../model/resource.ts';
import type { Condition, ResourceStatus, StatusFields } from '../model/status.ts';
import { formatInstant } from '../model/time.ts';

/** Most bytes of a request body; archives and images never travel in one. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** Replaces the instants `F` of `T` by texts. */
type Texted<T, F extends keyof T> = Omit<T, F> & { readonly [K in F]: null extends T[K] ? string | null : string };

export type ConditionJson = Texted<Condition, 'since'>;
export type ResourceJson = Omit<ResourceStatus, 'status'> & {
  readonly status: Pick<StatusFields, 'phase' | 'observedGeneration'> & {
    readonly conditions: readonly ConditionJson[];
    readonly [field: string]: unknown;
  };
};
export type EventJson = Texted<Event, 'at'>;
export type ProgressJson = Texted<Progress, 'at'>;
export type OperationJson = Texted<Operation, 'startedAt' | 'deadline' | 'endedAt'>;
export type BlockedJson = Texted<Blocked, 'until'>;
export type ApplyResultJson = Omit<ApplyResult, 'operation' | 'blocked'> & {
  readonly operation: OperationJson | null;
  readonly blocked: readonly BlockedJson[];
};
export type CauseJson = Omit<Texted<Cause, 'since'>, 'causes'> & { readonly kind: 'Cause'; readonly causes: readonly CauseJson[] };
export type PlanReportJson = Omit<PlanReport, 'blocked'> & { readonly blocked: readonly BlockedJson[] };

const textOf = (instant: Instant | null) => (instant === null ? null : formatInstant(instant));
const instantOf = (text: string | null) => (text === null ? null : Date.parse(text));

export function resourceToJson(resource: ResourceStatus): ResourceJson {
  const conditions = resource.status.conditions.map((condition) => ({ ...condition, since: formatInstant(condition.since) }));
  return { ...resource, status: { ...resource.status, conditions } };
}

export function resourceFromJson(resource: ResourceJson): ResourceStatus {
  const conditions = resource.status.conditions.map((condition) => ({ ...condition, since: Date.parse(condition.since) }));
  return { ...resource, status: { ...resource.status, conditions } };
}

export const eventToJson = (event: Event): EventJson => ({ ...event, at: formatInstant(event.at) });
export const eventFromJson = (event: EventJson): Event => ({ ...event, at: Date.parse(event.at) });
export const progressToJson = (progress: Progress): ProgressJson => ({ ...progress, at: formatInstant(progress.at) });
export const progressFromJson = (progress: ProgressJson): Progress => ({ ...progress, at: Date.parse(progress.at) });

/** Links with their instants as texts; `kind` as everything that `-o json` prints. */
export function causeToJson({ since, causes, ...rest }: Cause): CauseJson {
  return { kind: 'Cause', ...rest, since: textOf(since), causes: causes.map(causeToJson) };
}

export function causeFromJson({ kind: _, since, causes, ...rest }: CauseJson): Cause {
  return { ...rest, since: instantOf(since), causes: causes.map(causeFromJson) };
}

const blockedToJson = (blocked: Blocked): BlockedJson => ({ ...blocked, until: textOf(blocked.until) });
const blockedFromJson = (blocked: BlockedJson): Blocked => ({ ...blocked, until: instantOf(blocked.until) });

export function planToJson(report: PlanReport): PlanReportJson {
  return { ...report, blocked: report.blocked.map(blockedToJson) };
}

export function planFromJson(report: PlanReportJson): PlanReport {
  return { ...report, blocked: report.blocked.map(blockedFromJson) };
}

export function resultToJson(result: ApplyResult): ApplyResultJson {
  const { operation } = result;
  return {
    ...result,
    operation:
      operation === null
        ? null
        : {
            ...operation,
            startedAt: formatInstant(operation.startedAt),
            deadline: formatInstant(operation.deadline),
            endedAt: textOf(operation.endedAt),
          },
    blocked: result.blocked.map(blockedToJson),
  };
}

export function resultFromJson(result: ApplyResultJson): ApplyResult {
  const { operation } = result;
  return {
    ...result,
    operation:
      operation === null
        ? null
        : {
            ...operation,
            startedAt: Date.parse(operation.startedAt),
            deadline: Date.parse(operation.deadline),
            endedAt: instantOf(operation.endedAt),
          },
    blocked: result.blocked.map(blockedFromJson),
  };
}

// ----------------------------------------------------------------------------------------------------------------- snapshots

/** A snapshot on the wire: positions of fields without the file they share with their document. */
export interface SnapshotJson extends Omit<SourceSnapshot, 'documents' | 'held'> {
  readonly held: readonly ResourceKey[];
  readonly documents: readonly DocumentJson[];
}

type DocumentJson = Omit<AnyResource, 'fields'> & { readonly fields: Readonly<Record<string, readonly [number, number] | Origin>> };

export function snapshotToJson(snapshot: SourceSnapshot): SnapshotJson {
  return { ...snapshot, held: [...snapshot.held], documents: snapshot.documents.map(documentToJson) };
}

function documentToJson(document: AnyResource): DocumentJson {
  const fields: Record<string, readonly [number, number] | Origin> = {};
  for (const [path, origin] of Object.entries(document.fields)) {
    fields[path] = origin.file === document.origin.file ? [origin.line, origin.column] : origin;
  }
  return { ...document, fields };
}

/** Reads the `snapshots` of a request. API400 with the first thing that is not as `snapshotToJson` makes it. */
export function snapshotsFromJson(value: unknown): readonly SourceSnapshot[] {
  if (!Array.isArray(value) || value.length === 0) throw badRequest('snapshots must be a list with at least one snapshot');
  return value.map((snapshot, index) => snapshotFromJson(snapshot, `snapshots[${index}]`));
}

function snapshotFromJson(value: unknown, at: string): SourceSnapshot {
  const snapshot = asRecord(value, at);
  expectType(snapshot.set, 'string', `${at}.set`);
  expectType(snapshot.complete, 'boolean', `${at}.complete`);
  expectType(snapshot.prune, 'boolean', `${at}.prune`);
  for (const list of ['documents', 'held', 'files'] as const) {
    if (!Array.isArray(snapshot[list])) throw badRequest(`${at}.${list} must be a list`);
  }
  const json = snapshot as unknown as SnapshotJson;
  const documents = json.documents.map((document, index) => documentFromJson(document, `${at}.documents[${index}]`));
  return { ...json, documents, held: new Set(json.held) };
}

function documentFromJson(value: unknown, at: string): AnyResource {
  const document = asRecord(value, at);
  for (const name of ['key', 'kind', 'namespace', 'name', 'specHash', 'set'] as const)
    expectType(document[name], 'string', `${at}.${name}`);
  expectType(document.implicit, 'boolean', `${at}.implicit`);
  for (const name of ['labels', 'annotations', 'spec', 'origin', 'fields'] as const) asRecord(document[name], `${at}.${name}`);
  if (!Array.isArray(document.refs)) throw badRequest(`${at}.refs must be a list`);
  if (document.key !== `${document.kind}/${document.namespace}/${document.name}`) throw badRequest(`${at}.key does not name the document`);
  const json = document as unknown as DocumentJson;
  const fields: Record<string, Origin> = {};
  for (const [path, position] of Object.entries(json.fields)) {
    fields[path] = 'file' in position ? position : { file: json.origin.file, line: position[0], column: position[1] };
  }
  return { ...json, fields } as AnyResource;
}

/** A plain object, or API400 naming where one was expected. */
export function asRecord(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(`${at} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

function expectType(value: unknown, type: 'string' | 'boolean', at: string): void {
  if (typeof value !== type) throw badRequest(`${at} must be a ${type}`);
}

export function badRequest(message: string, hint?: string): TsdockError {
  return new TsdockError('API400', hint === undefined ? { message } : { message, hint });
}

// ------------------------------------------------------------------------------------------------------------------ problems

/** RFC 9457 with our code; `detail` is the one line of the message. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
  readonly key?: ResourceKey;
  readonly diagnostics?: readonly DiagnosticFacts[];
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
};

/** What a client is told of a failure. Anything but a TsdockError is a bug: its text is told, its stack only logged. */
export function toProblem(error: unknown): Problem {
  const code: ErrorCode = error instanceof TsdockError ? error.code : 'INTERNAL';
  const status = errorCodes[code].http;
  const known = error instanceof TsdockError ? error : null;
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    code,
    detail: error instanceof Error ? error.message : String(error),
    ...(known?.hint == null ? {} : { hint: known.hint }),
    ...(known?.key == null ? {} : { key: known.key }),
    ...(known === null || known.diagnostics.length === 0 ? {} : { diagnostics: known.diagnostics }),
  };
}

/** The error behind a problem, with its code again; an unknown code is INTERNAL and keeps its name in the message. */
export function fromProblem(problem: Problem): TsdockError {
  const isKnown = Object.hasOwn(errorCodes, problem.code);
  return new TsdockError(isKnown ? (problem.code as ErrorCode) : 'INTERNAL', {
    message: isKnown ? problem.detail : `${problem.code}: ${problem.detail}`,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.key === undefined ? {} : { key: problem.key }),
    ...(problem.diagnostics === undefined ? {} : { diagnostics: problem.diagnostics }),
  });
}
