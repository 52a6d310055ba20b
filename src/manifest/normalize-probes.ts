import type { ContainerFields } from '../model/generated/manifests.ts';
import type { ContainerSpec, Healthcheck, Port, Probe, ProbeCheck } from '../model/spec.ts';
import { readDuration, reportAt, type SpecContext } from './context.ts';
import { compareText, didYouMean, type Path, quote } from './diagnostic.ts';
import { createRecord } from './tree.ts';

type ProbeField = 'startupProbe' | 'readinessProbe' | 'livenessProbe';
type ProbeFields = NonNullable<ContainerFields['startupProbe']>;
type HttpFields = NonNullable<ProbeFields['httpGet']>;

/** What of the container a probe depends on. */
export interface ProbedContainer {
  readonly networkMode: ContainerSpec['networkMode'];
  readonly ports: readonly Port[];
}

const checks = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;
/** A header as `node:http` takes it; RFC 9110 5.1 and 5.5. */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Null: there is none, or it was reported. */
export function normalizeProbe(
  context: SpecContext,
  name: ProbeField,
  fields: ProbeFields | undefined,
  container: ProbedContainer,
): Probe | null {
  if (fields === undefined) return null;
  const check = readCheck(context, name, fields, container);
  const probe = {
    initialDelayMs: (fields.initialDelaySeconds ?? 0) * 1000,
    periodMs: readTime(context, name, 'period', fields),
    timeoutMs: readTime(context, name, 'timeout', fields),
    successThreshold: fields.successThreshold ?? 1,
    failureThreshold: fields.failureThreshold ?? 3,
    graceMs:
      fields.terminationGracePeriodSeconds === undefined
        ? null
        : readDuration(context, [name, 'terminationGracePeriodSeconds'], fields.terminationGracePeriodSeconds, 0),
  };
  return check === null ? null : { check, ...probe };
}

/** Null: none is written. */
export function normalizeHealthcheck(context: SpecContext, spec: ContainerFields): Healthcheck | null {
  const fields = spec.healthcheck;
  if (fields === undefined) return null;
  if (spec.readinessProbe !== undefined && fields.disable !== true)
    reportAt(context, ['healthcheck'], {
      code: 'PRB001',
      message: 'healthcheck becomes the readiness probe, and there is a readinessProbe',
      hint: 'keep one of the two',
    });
  const test = readTest(context, fields.test);
  const time = (name: 'interval' | 'timeout' | 'start_period' | 'start_interval'): number | null => {
    const value = fields[name];
    if (value === undefined) return null;
    const ms = readDuration(context, ['healthcheck', name], value, 1);
    if (ms === 0 && name !== 'start_period')
      reportAt(context, ['healthcheck', name], { code: 'PRB003', message: `${name} must be longer than 0` });
    return ms;
  };
  return {
    test: test === 'none' ? null : test,
    intervalMs: time('interval'),
    timeoutMs: time('timeout'),
    startPeriodMs: time('start_period'),
    startIntervalMs: time('start_interval'),
    retries: fields.retries ?? null,
    disable: fields.disable === true || test === 'none',
    restart: fields.restart ?? false,
  };
}

function readTest(context: SpecContext, test: NonNullable<ContainerFields['healthcheck']>['test']): readonly string[] | 'none' | null {
  if (test === undefined) return null;
  if (typeof test === 'string') return shell(test);
  const [form, ...words] = test;
  if (form === 'NONE' && words.length === 0) return 'none';
  if (form === 'CMD' && words.length > 0) return words;
  if (form === 'CMD-SHELL' && words.length === 1 && words[0] !== undefined) return shell(words[0]);
  reportAt(context, ['healthcheck', 'test'], {
    code: 'PRB004',
    message: `healthcheck.test begins with ${quote(form ?? '')}, not with CMD, CMD-SHELL or NONE and what belongs to it`,
    hint: '[CMD, program, argument], [CMD-SHELL, command], or the command as a text',
  });
  return null;
}

function shell(command: string): readonly string[] {
  return ['/bin/sh', '-c', command];
}

function readCheck(context: SpecContext, name: ProbeField, fields: ProbeFields, container: ProbedContainer): ProbeCheck | null {
  const given = checks.filter((check) => fields[check] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const has = kind === undefined ? 'none' : given.join(' and ');
    reportAt(context, [name], {
      code: 'PRB001',
      message: `${name} needs one of ${checks.join(', ')}; it has ${has}`,
      hint: 'e.g. exec: [true]',
    });
    return null;
  }
  if (kind === 'exec') return readExec(context, name, fields.exec ?? []);
  if (container.networkMode === 'none') {
    reportAt(context, [name, kind], {
      code: 'PRB005',
      message: `${kind} needs a network, networkMode is none`,
      hint: 'exec asks inside the container',
    });
    return null;
  }
  const port = readPort(context, [name, kind, 'port'], fields[kind]?.port ?? '', container.ports);
  if (port === null) return null;
  switch (kind) {
    case 'httpGet':
      return readHttp(context, [name, 'httpGet'], fields.httpGet ?? { port }, port);
    case 'tcpSocket':
      return { type: 'tcp', port };
    case 'grpc':
      return { type: 'grpc', port, service: fields.grpc?.service ?? '' };
  }
}

function readExec(context: SpecContext, name: ProbeField, command: readonly string[]): ProbeCheck | null {
  if ((command[0] ?? '') !== '') return { type: 'exec', command };
  reportAt(context, [name, 'exec'], { code: 'SCH033', message: 'exec names no program', hint: '[program, argument]' });
  return null;
}

function readHttp(context: SpecContext, path: Path, fields: HttpFields, port: number): ProbeCheck | null {
  const { path: target = '/', scheme = 'HTTP', headers = {} } = fields;
  if (!/^\/[\x21-\x7e]*$/.test(target)) {
    reportAt(context, [...path, 'path'], {
      code: 'PRB006',
      message: `path ${quote(target)} does not begin with "/" or has characters that a request cannot carry`,
      hint: 'percent-encode them',
    });
    return null;
  }
  for (const [header, value] of Object.entries(headers)) {
    if (headerName.test(header) && headerValue.test(value)) continue;
    reportAt(context, [...path, 'headers', header], { code: 'PRB006', message: `header ${quote(header)} cannot be sent`, hidden: true });
    return null;
  }
  const sorted = createRecord(Object.entries(headers).sort(([left], [right]) => compareText(left, right)));
  return { type: 'http', port, path: target, scheme, headers: sorted };
}

/** A number, or the container's side of a port with that name. */
function readPort(context: SpecContext, path: Path, port: number | string, ports: readonly Port[]): number | null {
  if (typeof port === 'number' || /^\d+$/.test(port)) {
    const number = Number(port);
    if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
    reportAt(context, path, { code: 'PRT001', message: `port ${number} is not in 1-65535` });
    return null;
  }
  const found = ports.find(({ name, protocol }) => name === port && protocol === 'tcp');
  if (found !== undefined) return found.containerPort;
  const names = ports.flatMap(({ name }) => name ?? []);
  const hint = didYouMean(port, names) ?? `ports: [{name: ${port}, containerPort: …}], or the number`;
  reportAt(context, path, { code: 'PRB002', message: `no TCP port of the container is named ${quote(port)}`, hint });
  return null;
}

const usualSeconds = { period: 10, timeout: 1 } as const;

/** `periodSeconds: 5` and `period: 5s` are two spellings of one field. */
function readTime(context: SpecContext, name: ProbeField, field: keyof typeof usualSeconds, fields: ProbeFields): number {
  const seconds = fields[`${field}Seconds`];
  const duration = fields[field];
  if (seconds !== undefined && duration !== undefined)
    reportAt(context, [name, field], { code: 'PRB003', message: `${field} and ${field}Seconds are one field`, hint: 'keep one' });
  const ms = readDuration(context, [name, field], duration, (seconds ?? usualSeconds[field]) * 1000);
  if (ms < shortestMs) reportAt(context, [name, field], { code: 'PRB003', message: `${field} must be at least ${shortestMs}ms` });
  return ms;
}

/** Asking more often than this tells nothing more and costs the host as much as the container. */
const shortestMs = 100;
