import type { Effect } from '../../model/effects.ts';
import type { FieldChange } from '../../model/plan.ts';
import { parseKey, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { ContainerSpec, EnvSource, EnvValue, Mount, Port } from '../../model/spec.ts';
import { attributesOf, type ContentMount, isContent, isUsual, sourceOfContent } from './contents.ts';

/** A field as users write it: its value in their words, and what changing it does. */
interface Field {
  readonly path: string;
  readonly effect: Effect;
  readonly value: unknown;
}

/**
 * Fields that differ between the spec that was applied last and the one that is wanted, by the paths users write. Without an earlier spec every field that is not
 * the default is new. Pure.
 */
export function fieldChanges(before: ContainerSpec | null, desired: Resource<'Container'>): readonly FieldChange[] {
  if (before === desired.spec) return [];
  const wanted = new Map(fieldsOf(desired.spec).map((field) => [field.path, field]));
  const earlier = new Map(before === null ? [] : fieldsOf(before).map((field) => [field.path, field]));
  const changes: FieldChange[] = [];
  for (const path of new Set([...wanted.keys(), ...earlier.keys()])) {
    const from = earlier.get(path)?.value ?? null;
    const to = wanted.get(path)?.value ?? null;
    const effect = (wanted.get(path) ?? earlier.get(path))?.effect ?? 'replace';
    if (JSON.stringify(from) === JSON.stringify(to)) continue;
    changes.push({ path, from, to, effect, source: sourceOf(desired, path), drift: false });
  }
  return changes;
}

/** Host side of published ports, `0.0.0.0:8080/tcp`. Pure. */
export function exposureOf(spec: ContainerSpec): readonly string[] {
  return spec.ports.flatMap((port) => (port.hostPort === null ? [] : [`${port.hostIP ?? '0.0.0.0'}:${port.hostPort}/${port.protocol}`]));
}

/** Fields at their default are left out, so that a default that is written down is no change. */
function fieldsOf(spec: ContainerSpec): readonly Field[] {
  const { limits, securityContext: context, restartBackoff: backoff, logging } = spec;
  const all: readonly (readonly [path: string, effect: Effect, value: unknown, usual: unknown])[] = [
    ['image', 'replace', nameOf(spec.image), null],
    ['imagePullPolicy', 'in-place', spec.imagePullPolicy, 'IfNotPresent'],
    ['command', 'replace', spec.command, null],
    ['args', 'replace', spec.args, null],
    ['workingDir', 'replace', spec.workingDir, null],
    ['hostname', 'replace', spec.hostname, null],
    ['domainname', 'replace', spec.domainname, null],
    ...Object.entries(spec.env).map(([name, value]) => [`env.${name}`, 'replace', variableText(value), null] as const),
    ['envFrom', 'replace', spec.envFrom.map(({ source, prefix }) => `${sourceName(source)}${prefix === '' ? '' : ` as ${prefix}*`}`), []],
    ['user', 'replace', spec.user, null],
    ['groups', 'replace', spec.groups, []],
    ['tty', 'replace', spec.tty, false],
    ['stdin', 'replace', spec.stdin, false],
    ['init', 'replace', spec.init, true],
    ['ports', 'in-place', spec.ports.map(portText), []],
    ['networks', 'replace', spec.networks.map((join) => nameOf(join.network)), ['default']],
    ...spec.networks.flatMap((join) => [
      [`networks.${nameOf(join.network)}.ipv4`, 'replace', join.ipv4, null] as const,
      [`networks.${nameOf(join.network)}.aliases`, 'in-place', join.aliases, []] as const,
    ]),
    ['networkMode', 'replace', spec.networkMode, 'bridge'],
    ...Object.entries(spec.hostAliases).map(([name, address]) => [`hostAliases.${name}`, 'in-place', address, null] as const),
    ['dns.servers', 'in-place', spec.dns.servers, []],
    ['dns.searches', 'in-place', spec.dns.searches, []],
    ['dns.options', 'in-place', spec.dns.options, []],
    ['mounts', 'replace', spec.mounts.map(mountText), []],
    ['resources.limits.cpu', 'in-place', limits.cpuMillis === null ? null : `${limits.cpuMillis}m`, null],
    ['resources.limits.memory', 'in-place', limits.memoryBytes === null ? null : quantity(limits.memoryBytes), null],
    ['resources.limits.pids', 'in-place', limits.pids, null],
    ['security', 'replace', spec.security, 'baseline'],
    ['securityContext.runAsUser', 'replace', context.runAsUser, null],
    ['securityContext.runAsGroup', 'replace', context.runAsGroup, null],
    ['securityContext.runAsNonRoot', 'replace', context.runAsNonRoot, false],
    ['securityContext.readOnlyRootFilesystem', 'replace', context.readOnlyRootFilesystem, false],
    ['securityContext.allowPrivilegeEscalation', 'replace', context.allowPrivilegeEscalation, true],
    ['securityContext.capabilities.add', 'replace', context.capabilities.add, []],
    ['securityContext.capabilities.drop', 'replace', context.capabilities.drop, []],
    ['securityContext.seccompProfile.type', 'replace', context.seccomp === 'default' ? 'RuntimeDefault' : 'Unconfined', 'RuntimeDefault'],
    ...Object.entries(context.sysctls).map(([name, value]) => [`securityContext.sysctls.${name}`, 'replace', value, null] as const),
    ['shmSize', 'replace', quantity(spec.shmBytes), '64Mi'],
    ['startupProbe', 'in-place', spec.startupProbe, null],
    ['readinessProbe', 'in-place', spec.readinessProbe, null],
    ['livenessProbe', 'in-place', spec.livenessProbe, null],
    ['healthcheck', 'in-place', spec.healthcheck, null],
    ['restartPolicy', 'in-place', spec.restartPolicy, 'Always'],
    ['restartBackoff.initial', 'in-place', duration(backoff.initialMs), '500ms'],
    ['restartBackoff.max', 'in-place', duration(backoff.maxMs), '1m'],
    ['restartBackoff.reset', 'in-place', duration(backoff.resetMs), '10m'],
    ['maxRestarts', 'in-place', spec.maxRestarts, null],
    ['stopSignal', 'in-place', spec.stopSignal, null],
    ['terminationGracePeriodSeconds', 'in-place', spec.gracePeriodMs / 1000, 10],
    ['dependsOn', 'in-place', spec.dependsOn.map((dependency) => nameOf(dependency.key)), []],
    ['replicas', 'in-place', spec.replicas, 1],
    ['logging.maxSize', 'in-place', quantity(logging.maxBytes), '10Mi'],
    ['logging.maxFiles', 'in-place', logging.maxFiles, 5],
    ['logging.keepOld', 'in-place', logging.keepOld, 3],
    ['state', 'in-place', spec.state, 'Running'],
  ];
  return all
    .filter(([, , value, usual]) => JSON.stringify(value) !== JSON.stringify(usual))
    .map(([path, effect, value]) => ({ path, effect, value }));
}

/** An implicit image is named by its reference, as users write it. */
function nameOf(key: ResourceKey): string {
  return parseKey(key).name;
}

/** Where a value comes from, never the value: `secret db: password`. */
function variableText(value: EnvValue): string {
  if (typeof value === 'string') return value;
  return 'field' in value ? `field ${value.field}` : `${sourceName(value.source)}: ${value.key}`;
}

function sourceName(source: EnvSource['source']): string {
  return `${parseKey(source).kind.toLowerCase()} ${nameOf(source)}`;
}

function portText(port: Port): string {
  const host = port.hostPort === null ? '' : `${port.hostIP === null ? '' : `${port.hostIP}:`}${port.hostPort}:`;
  return `${host}${port.containerPort}/${port.protocol}`;
}

function mountText(mount: Mount): string {
  const source = sourceText(mount);
  return `${source}:${mount.target}${mount.readOnly && !isContent(mount) ? ':ro' : ''}${isContent(mount) ? attributesText(mount) : ''}`;
}

function sourceText(mount: Mount): string {
  switch (mount.type) {
    case 'volume':
      return `${nameOf(mount.volume)}${mount.subPath === null ? '' : `/${mount.subPath}`}`;
    case 'config':
    case 'secret':
      return `${mount.type} ${nameOf(sourceOfContent(mount))}${mount.subPath === null ? '' : `/${mount.subPath}`}`;
    case 'hostPath':
      return mount.source;
    case 'tmpfs':
      return `tmpfs${mount.sizeBytes === null ? '' : ` ${quantity(mount.sizeBytes)}`} ${mount.mode.toString(8)}`;
  }
}

function attributesText(mount: ContentMount): string {
  if (isUsual(mount.files)) return '';
  const { uid, gid, mode } = attributesOf(mount);
  return ` ${mode.toString(8).padStart(4, '0')} ${uid}:${gid}`;
}

/** The largest binary unit that divides it: `384Mi`, `1500`. */
function quantity(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;
  let rest = bytes;
  let unit = 0;
  while (rest !== 0 && rest % 1024 === 0 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest}${units[unit]}`;
}

function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** Where the field is written, or the nearest field around it that is. */
export function sourceOf(desired: Resource<'Container'>, path: string): FieldChange['source'] {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const origin = desired.fields[at];
    if (origin !== undefined) return origin;
  }
  return desired.fields[`${path}[0]`] ?? null;
}
