import { posix } from 'node:path';
import { parseAddress } from '../model/address.ts';
import type { ContainerFields } from '../model/generated/manifests.ts';
import type { ContainerSpec, NetworkJoin, SecurityContext } from '../model/spec.ts';
import { addRef, readDuration, readImageKey, readRef, readSize, reportAt, type SpecContext } from './context.ts';
import { defaultSpecs } from './defaults.ts';
import { compareText, didYouMean, type Path, quote } from './diagnostic.ts';
import { normalizeEnv, normalizeEnvFrom } from './normalize-env.ts';
import { normalizeMounts } from './normalize-mounts.ts';
import { normalizeContainerDns, normalizeHostAliases } from './normalize-names.ts';
import { normalizePorts } from './normalize-ports.ts';
import { normalizeHealthcheck, normalizeProbe } from './normalize-probes.ts';
import { createRecord } from './tree.ts';
import { capabilityNames, isLabel, parseCpu, parseSignal, shellSyntax, signalNames, splitCommand } from './values.ts';

const defaults = defaultSpecs.Container;

/** A Container's fields → canonical spec. References are added in the order image, networks, mounts, dependsOn. */
export function normalizeContainer(context: SpecContext, spec: ContainerFields): ContainerSpec {
  const image = readImageKey(context, spec.image);
  addRef(context, image, 'Present', ['image']);
  const networkMode = spec.networkMode ?? 'bridge';
  const networks = normalizeNetworks(context, spec, networkMode);
  const mounts = normalizeMounts(context, spec.mounts ?? []);
  const ports = normalizePorts(context, spec.ports ?? [], networkMode);
  const security = spec.securityContext?.privileged === true ? 'privileged' : (spec.security ?? 'baseline');
  return {
    image,
    imagePullPolicy: spec.imagePullPolicy ?? 'IfNotPresent',
    command: readCommand(context, 'command', spec.command),
    args: readCommand(context, 'args', spec.args),
    workingDir: readWorkingDir(context, spec.workingDir),
    hostname: readHostName(context, 'hostname', spec.hostname),
    domainname: readHostName(context, 'domainname', spec.domainname),
    env: normalizeEnv(context, spec.env ?? {}, networkMode),
    envFrom: normalizeEnvFrom(context, spec.envFrom ?? []),
    user: readUser(context, spec.user),
    groups: [...new Set((spec.groups ?? []).map(String))].sort(compareText),
    tty: spec.tty ?? false,
    stdin: spec.stdin ?? false,
    init: spec.init ?? true,
    ports,
    networks,
    networkMode,
    hostAliases: normalizeHostAliases(context, spec.hostAliases ?? {}, networkMode),
    dns: normalizeContainerDns(context, spec.dns ?? {}, networkMode),
    mounts,
    limits: normalizeLimits(context, spec),
    security,
    securityContext: normalizeSecurity(context, spec, security),
    shmBytes: readSize(context, ['shmSize'], spec.shmSize, defaults.shmBytes),
    startupProbe: normalizeProbe(context, 'startupProbe', spec.startupProbe, { networkMode, ports }),
    readinessProbe: normalizeProbe(context, 'readinessProbe', spec.readinessProbe, { networkMode, ports }),
    livenessProbe: normalizeProbe(context, 'livenessProbe', spec.livenessProbe, { networkMode, ports }),
    healthcheck: normalizeHealthcheck(context, spec),
    restartPolicy: spec.restartPolicy ?? 'Always',
    restartBackoff: {
      initialMs: readDuration(context, ['restartBackoff', 'initial'], spec.restartBackoff?.initial, defaults.restartBackoff.initialMs),
      maxMs: readDuration(context, ['restartBackoff', 'max'], spec.restartBackoff?.max, defaults.restartBackoff.maxMs),
      resetMs: readDuration(context, ['restartBackoff', 'reset'], spec.restartBackoff?.reset, defaults.restartBackoff.resetMs),
    },
    maxRestarts: spec.maxRestarts ?? null,
    stopSignal: readSignal(context, spec.stopSignal),
    gracePeriodMs: readDuration(context, ['terminationGracePeriodSeconds'], spec.terminationGracePeriodSeconds, defaults.gracePeriodMs),
    dependsOn: normalizeDependsOn(context, spec.dependsOn ?? []),
    replicas: spec.replicas ?? 1,
    strategy: { type: 'Recreate' },
    logging: {
      driver: 'file',
      maxBytes: readSize(context, ['logging', 'maxSize'], spec.logging?.maxSize, defaults.logging.maxBytes),
      maxFiles: spec.logging?.maxFiles ?? defaults.logging.maxFiles,
      keepOld: spec.logging?.keepOld ?? defaults.logging.keepOld,
    },
    state: spec.state ?? 'Running',
  };
}

// --------------------------------------------------------------------------------------------------------------------- process

function readCommand(
  context: SpecContext,
  name: 'command' | 'args',
  value: readonly string[] | string | undefined,
): readonly string[] | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') return value;
  const syntax = shellSyntax(value);
  if (syntax !== null) {
    const hint = `["sh", "-c", ${quote(value)}]`;
    const message = `${quote(value)} is not run by a shell, "${syntax}" becomes an argument`;
    reportAt(context, [name], { severity: 'warning', code: 'SCH030', message, hint });
  }
  const words = splitCommand(value);
  if (words === null)
    reportAt(context, [name], { code: 'SCH033', message: `a quote in ${quote(value)} is never closed`, hint: 'write it as a list' });
  return words;
}

function readWorkingDir(context: SpecContext, value: string | undefined): string | null {
  if (value === undefined) return null;
  if (!value.startsWith('/'))
    reportAt(context, ['workingDir'], { code: 'SCH019', message: `workingDir ${quote(value)} is not an absolute path` });
  return posix.normalize(value);
}

/** hostname(7): labels of letters, digits and "-"; nothing that could add a line to a file of the container. */
function readHostName(context: SpecContext, name: 'hostname' | 'domainname', value: string | undefined): string | null {
  if (value === undefined) return null;
  const part = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
  const limit = name === 'hostname' ? 64 : 253;
  if (value.length > limit || !value.split('.').every((text) => part.test(text))) {
    reportAt(context, [name], {
      code: 'SCH018',
      message: `${name} ${quote(value)} may only have letters, digits and "-" between dots, at most ${limit} characters`,
    });
  }
  return value;
}

function readUser(context: SpecContext, value: string | number | undefined): string | null {
  if (value === undefined) return null;
  const text = String(value);
  if (!/^[^\s:/,]+(?::[^\s:/,]+)?$/.test(text)) {
    reportAt(context, ['user'], {
      code: 'SCH017',
      message: `user ${quote(text)} is not uid[:gid] or user[:group]`,
      hint: 'e.g. "1000:1000"',
    });
  }
  return text;
}

function readSignal(context: SpecContext, value: string | number | undefined): string | null {
  if (value === undefined) return null;
  const signal = parseSignal(value);
  if (signal === null)
    reportAt(context, ['stopSignal'], {
      code: 'SCH031',
      message: `stopSignal ${quote(value)} is not a signal`,
      hint: didYouMean(String(value), signalNames) ?? 'e.g. SIGTERM',
    });
  return signal;
}

// --------------------------------------------------------------------------------------------------------------------- network

function normalizeNetworks(context: SpecContext, spec: ContainerFields, mode: ContainerSpec['networkMode']): readonly NetworkJoin[] {
  const entries: readonly (readonly [string, { ipv4?: string; aliases?: string[] } | null, Path])[] =
    spec.networks === undefined
      ? []
      : Array.isArray(spec.networks)
        ? spec.networks.map((text, index) => [text, null, ['networks', index]] as const)
        : Object.entries(spec.networks).map(([text, settings]) => [text, settings, ['networks', text]] as const);
  if (mode !== 'bridge') {
    if (entries.length > 0)
      reportAt(context, ['networks'], {
        code: 'NET008',
        message: `networks need networkMode bridge, this is ${mode}`,
        hint: 'remove one of the two',
      });
    return [];
  }
  if (entries.length > 1) {
    reportAt(context, ['networks'], {
      code: 'SCH016',
      message: 'spec.networks with more than one network is known, but comes with M2',
      hint: 'join one until then',
    });
    return [];
  }
  const [text, settings, path] = entries[0] ?? ['default', null, ['networks']];
  const network = readRef(context, 'Network', text, path);
  if (network === null) return [];
  addRef(context, network, 'Present', path);
  context.fields[`networks[${network}]`] = context.refs.find((ref) => ref.key === network)?.origin ??
    context.fields.networks ?? { file: context.source.file, line: 1, column: 1 };
  return [
    {
      network,
      ipv4: readStaticAddress(context, settings?.ipv4, path, spec.replicas ?? 1),
      aliases: readAliases(context, settings?.aliases ?? [], path),
    },
  ];
}

function readStaticAddress(context: SpecContext, text: string | undefined, path: Path, replicas: number): string | null {
  if (text === undefined) return null;
  if (parseAddress(text) === null) {
    reportAt(context, [...path, 'ipv4'], { code: 'NET004', message: `${quote(text)} is not an IPv4 address`, hint: 'e.g. 10.5.0.10' });
  } else if (replicas > 1) {
    reportAt(context, [...path, 'ipv4'], {
      code: 'NET009',
      message: `static address ${text} cannot belong to ${replicas} replicas`,
      hint: 'remove it, or replicas: 1',
    });
  }
  return text;
}

function readAliases(context: SpecContext, aliases: readonly string[], path: Path): readonly string[] {
  for (const [index, alias] of aliases.entries()) {
    if (alias.split('.').every((part) => isLabel(part))) continue;
    reportAt(context, [...path, 'aliases', index], {
      code: 'SCH012',
      message: `alias ${quote(alias)} may only have a-z, 0-9 and "-" between dots, a letter first`,
    });
  }
  return [...new Set(aliases)].sort(compareText);
}

function normalizeDependsOn(context: SpecContext, value: NonNullable<ContainerFields['dependsOn']>): ContainerSpec['dependsOn'] {
  const entries: readonly (readonly [string, { timeout?: string | number } | null, Path])[] = Array.isArray(value)
    ? value.map((text, index) => [text, null, ['dependsOn', index]] as const)
    : Object.entries(value).map(([text, settings]) => [text, settings, ['dependsOn', text]] as const);
  return entries
    .flatMap(([text, settings, path]) => {
      const key = readRef(context, 'Container', text, path);
      if (key === null) return [];
      addRef(context, key, 'Started', path);
      return [{ key, condition: 'Started' as const, timeoutMs: readDuration(context, [...path, 'timeout'], settings?.timeout, 300_000) }];
    })
    .filter((entry, index, all) => all.findIndex(({ key }) => key === entry.key) === index)
    .sort((left, right) => compareText(left.key, right.key));
}

// -------------------------------------------------------------------------------------------------------------------- resources

/** Below this a process cannot even be started: page tables, stack and the kernel's own memory of it. */
const minMemoryBytes = 6 * 2 ** 20;

function normalizeLimits(context: SpecContext, spec: ContainerFields): ContainerSpec['limits'] {
  const limits = spec.resources?.limits ?? {};
  const at = (name: string): Path => ['resources', 'limits', name];
  const memoryBytes = readSize(context, at('memory'), limits.memory, null);
  if (memoryBytes !== null && memoryBytes < minMemoryBytes) {
    reportAt(context, at('memory'), {
      code: 'RES002',
      message: `memory ${limits.memory} is below the minimum of 6Mi: nothing could start`,
    });
  }
  const cpuMillis = limits.cpu === undefined ? null : parseCpu(limits.cpu);
  if (limits.cpu !== undefined && cpuMillis === null) {
    reportAt(context, at('cpu'), {
      code: 'RES001',
      message: `cpu ${quote(limits.cpu)} is not a number of processors`,
      hint: '2, 0.5 or 500m',
    });
  }
  return { cpuMillis, memoryBytes, pids: limits.pids ?? null };
}

// --------------------------------------------------------------------------------------------------------------------- security

function normalizeSecurity(context: SpecContext, spec: ContainerFields, security: ContainerSpec['security']): SecurityContext {
  const given = spec.securityContext ?? {};
  const add = readCapabilities(context, 'add', given.capabilities?.add ?? []);
  if (security === 'privileged' && add.length > 0) {
    const message = 'privileged already has all capabilities, capabilities.add has no effect';
    const path: Path = ['spec', 'securityContext', 'capabilities', 'add'];
    reportAt(context, path.slice(1), { severity: 'warning', code: 'SEC002', message });
  }
  return {
    runAsUser: given.runAsUser ?? null,
    runAsGroup: given.runAsGroup ?? null,
    runAsNonRoot: given.runAsNonRoot ?? false,
    readOnlyRootFilesystem: given.readOnlyRootFilesystem ?? false,
    allowPrivilegeEscalation: given.allowPrivilegeEscalation ?? true,
    capabilities: { add, drop: readCapabilities(context, 'drop', given.capabilities?.drop ?? []) },
    seccomp: given.seccompProfile?.type === 'Unconfined' ? 'unconfined' : 'default',
    sysctls: normalizeSysctls(context, given.sysctls ?? {}),
  };
}

function readCapabilities(context: SpecContext, list: 'add' | 'drop', names: readonly string[]): readonly string[] {
  const known = names.map((text, index) => {
    const name = text.toUpperCase().replace(/^CAP_/, '');
    if (name !== 'ALL' && !capabilityNames.includes(name)) {
      const path: Path = ['securityContext', 'capabilities', list, index];
      reportAt(context, path, {
        code: 'SCH031',
        message: `${quote(text)} is not a capability of Linux`,
        hint: didYouMean(name, capabilityNames) ?? 'e.g. NET_ADMIN; see capabilities(7)',
      });
    }
    return name;
  });
  return [...new Set(known)].sort(compareText);
}

/** The settings that belong to the namespaces of a container; all others would change the host. */
const namespacedSysctl = /^(?:net\.[\w.*/-]+|kernel\.(?:shm\w+|msg\w+|sem)|fs\.mqueue\.\w+)$/;

function normalizeSysctls(context: SpecContext, sysctls: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(sysctls)) {
    const path: Path = ['securityContext', 'sysctls', name];
    if (!namespacedSysctl.test(name) || name.includes('..')) {
      reportAt(context, path, {
        code: 'SEC004',
        message: `sysctl ${quote(name)} does not belong to a container`,
        hint: 'net.*, kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*; set others on the host',
      });
    } else if (/\n/.test(value)) {
      reportAt(context, path, { code: 'SEC004', message: `value of sysctl ${quote(name)} has a line break` });
    }
  }
  return createRecord(Object.entries(sysctls).sort(([left], [right]) => compareText(left, right)));
}
