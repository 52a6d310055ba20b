import { type ObjectKind, type ObjectSpecs, parseKey, type ResourceKey } from './resource.ts';
import { redacted } from './secret.ts';
import type { ContainerSpec, EnvSource, EnvValue, Healthcheck, Mount, NetworkJoin, Port, Probe, ProbeCheck, SecretSpec } from './spec.ts';

/** A spec in the fields of `schemas/`. */
export type ManifestSpec = Readonly<Record<string, unknown>>;

/**
 * The spec a manifest would have to say for `spec`, a canonical one: defaults written out, what is not set left out. Read again it gives the same canonical spec, so that
 * what `get -o yaml` prints can be applied. A field that is forgotten here does not compile.
 */
export function manifestForm<K extends ObjectKind>(kind: K, namespace: string, spec: ObjectSpecs[K]): ManifestSpec {
  return withoutNull(forms[kind](spec, namespace));
}

type Form<K extends ObjectKind> = (spec: ObjectSpecs[K], namespace: string) => ManifestSpec;
/** What is left of a spec whose fields were all taken. */
type Nothing = Readonly<Record<string, never>>;

const forms: { readonly [K in ObjectKind]: Form<K> } = {
  Container: containerForm,
  Image: ({ ref, pullPolicy, keep, verify, ...rest }) =>
    complete(rest, { ref, pullPolicy, keep, verify: verify === null ? null : { ...verify } }),
  Network: ({ driver, subnet, gateway, ipRange, isolated, masquerade, mtu, dns, ...rest }) =>
    complete(rest, { driver, subnet, gateway, ipRange, isolated, masquerade, mtu, dns }),
  Volume: ({ driver, hostPath, accessMode, owner, reclaimPolicy, ...rest }) =>
    complete(rest, { driver, hostPath, accessMode, owner: withMode(owner), reclaimPolicy }),
  Config: ({ data, binaryData, interpolate, immutable, ...rest }) => complete(rest, { data, binaryData, interpolate, immutable }),
  Secret: secretForm,
  Registry: ({ host, mirrors, auth, clientCertificate, ca, insecure, realms, verify, ...rest }, namespace) =>
    complete(rest, {
      ...{ host, mirrors, ca, insecure, realms },
      auth: auth === null ? null : { secret: refText(auth, namespace) },
      verify: verify.map(({ prefix, rule }) => ({ prefix, ...(rule ?? { policy: 'None' }) })),
      clientCertificate: clientCertificate === null ? null : { secret: refText(clientCertificate, namespace) },
    }),
};

function containerForm(spec: ContainerSpec, namespace: string): ManifestSpec {
  const { image, imagePullPolicy, command, args, workingDir, hostname, domainname, env, envFrom, user, ...afterUser } = spec;
  const { groups, tty, stdin, init, ...afterProcess } = afterUser;
  const { ports, networks, networkMode, hostAliases, dns, mounts, limits, security, securityContext, shmBytes, ...afterPlace } =
    afterProcess;
  const { startupProbe, readinessProbe, livenessProbe, healthcheck, ...afterProbes } = afterPlace;
  const { restartPolicy, restartBackoff, maxRestarts, stopSignal, gracePeriodMs, dependsOn, replicas, strategy, logging, state, ...rest } =
    afterProbes;
  const { seccomp, ...context } = securityContext;
  return complete(rest, {
    ...{
      image: imageText(image, namespace),
      imagePullPolicy,
      command,
      args,
      workingDir,
      hostname,
      domainname,
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, variableForm(value, namespace)])),
      envFrom: envFrom.map(({ source, ...rest }) => ({ ...sourceForm(source, namespace), ...rest })),
      user,
      groups,
      tty,
      stdin,
      init,
    },
    ports: ports.map(portForm),
    networks: networksForm(networks, namespace),
    networkMode,
    hostAliases,
    dns,
    mounts: mounts.map((mount) => mountForm(mount, namespace)),
    resources: {
      limits: {
        cpu: limits.cpuMillis === null ? null : `${limits.cpuMillis}m`,
        memory: sizeText(limits.memoryBytes),
        pids: limits.pids,
      },
    },
    security,
    securityContext: { ...context, seccompProfile: { type: seccomp === 'unconfined' ? 'Unconfined' : 'RuntimeDefault' } },
    shmSize: sizeText(shmBytes),
    startupProbe: probeForm(startupProbe),
    readinessProbe: probeForm(readinessProbe),
    livenessProbe: probeForm(livenessProbe),
    healthcheck: healthcheckForm(healthcheck),
    restartPolicy,
    restartBackoff: {
      initial: durationText(restartBackoff.initialMs),
      max: durationText(restartBackoff.maxMs),
      reset: durationText(restartBackoff.resetMs),
    },
    maxRestarts,
    stopSignal,
    terminationGracePeriodSeconds: gracePeriodMs % 1000 === 0 ? gracePeriodMs / 1000 : durationText(gracePeriodMs),
    dependsOn: Object.fromEntries(
      dependsOn.map(({ key, condition, timeoutMs }) => [refText(key, namespace), { condition, timeout: durationText(timeoutMs) }]),
    ),
    replicas,
    strategy,
    logging: { driver: logging.driver, maxSize: sizeText(logging.maxBytes), maxFiles: logging.maxFiles, keepOld: logging.keepOld },
    state,
  });
}

function variableForm(value: EnvValue, namespace: string): unknown {
  if (typeof value === 'string' || 'field' in value) return value;
  const { source, ...rest } = value;
  return { ...sourceForm(source, namespace), ...rest };
}

function sourceForm(source: EnvSource['source'], namespace: string): ManifestSpec {
  return { [parseKey(source).kind.toLowerCase()]: refText(source, namespace) };
}

/** Absent in documents that were accepted before there were probes. */
function probeForm(probe: Probe | null | undefined): ManifestSpec | null {
  if (probe == null) return null;
  const { check, initialDelayMs, periodMs, timeoutMs, successThreshold, failureThreshold, graceMs, ...rest } = probe;
  return complete(rest, {
    ...checkForm(check),
    initialDelaySeconds: initialDelayMs / 1000,
    period: durationText(periodMs),
    timeout: durationText(timeoutMs),
    successThreshold,
    failureThreshold,
    terminationGracePeriodSeconds: graceMs === null ? null : durationText(graceMs),
  });
}

function checkForm(check: ProbeCheck): ManifestSpec {
  switch (check.type) {
    case 'exec':
      return { exec: check.command };
    case 'http': {
      const { type, ...httpGet } = check;
      return { httpGet };
    }
    case 'tcp':
      return { tcpSocket: { port: check.port } };
    case 'grpc':
      return { grpc: { port: check.port, service: check.service } };
  }
}

function healthcheckForm(healthcheck: Healthcheck | null | undefined): ManifestSpec | null {
  if (healthcheck == null) return null;
  const { test, intervalMs, timeoutMs, startPeriodMs, startIntervalMs, retries, disable, restart, ...rest } = healthcheck;
  const time = (ms: number | null): string | null => (ms === null ? null : durationText(ms));
  return complete(rest, {
    test: test === null ? null : ['CMD', ...test],
    interval: time(intervalMs),
    timeout: time(timeoutMs),
    start_period: time(startPeriodMs),
    start_interval: time(startIntervalMs),
    retries,
    disable,
    restart,
  });
}

/** Values are nobody's to read: what stands for them is refused as a manifest, so that it can never become one. */
function secretForm({ values, generate, from, ...rest }: SecretSpec, namespace: string): ManifestSpec {
  const given = Object.keys(values).filter((key) => !Object.hasOwn(generate, key));
  return complete(rest, {
    stringData: Object.fromEntries(given.map((key) => [key, redacted])),
    generate,
    from: from === null ? null : { secret: refText(from.secret, namespace), keys: from.keys },
  });
}

function portForm({ name, containerPort, hostPort, hostIP, protocol }: Port): ManifestSpec {
  return { name, containerPort, hostPort, hostIP, protocol: protocol.toUpperCase() };
}

function networksForm(joins: readonly NetworkJoin[], namespace: string): unknown {
  const isPlain = joins.every(({ ipv4, aliases }) => ipv4 === null && aliases.length === 0);
  if (isPlain) return joins.map(({ network }) => refText(network, namespace));
  return Object.fromEntries(joins.map(({ network, ...settings }) => [refText(network, namespace), settings]));
}

function mountForm(mount: Mount, namespace: string): ManifestSpec {
  const { target: path } = mount;
  switch (mount.type) {
    case 'volume':
      return { volume: refText(mount.volume, namespace), path, subPath: mount.subPath, readOnly: mount.readOnly };
    case 'config':
      return { config: refText(mount.config, namespace), path, subPath: mount.subPath, ...withMode(mount.files) };
    case 'secret':
      return { secret: refText(mount.secret, namespace), path, subPath: mount.subPath, ...withMode(mount.files) };
    case 'hostPath':
      return { hostPath: mount.source, path, readOnly: mount.readOnly, create: mount.create };
    case 'tmpfs':
      return { tmpfs: withMode({ size: sizeText(mount.sizeBytes), mode: mount.mode }), path, readOnly: mount.readOnly };
  }
}

// ---------------------------------------------------------------------------------------------------------------------- texts

function refText(key: ResourceKey, namespace: string): string {
  const parsed = parseKey(key);
  return parsed.namespace === namespace ? parsed.name : `${parsed.namespace}/${parsed.name}`;
}

/** A declared Image by its name, any other by its reference. */
function imageText(key: ResourceKey<'Image'>, namespace: string): string {
  return parseKey(key).namespace === '_' ? parseKey(key).name : refText(key, namespace);
}

const binaryUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

/** `64Mi` where it comes out even, else bytes. */
function sizeText(bytes: number | null): string | number | null {
  if (bytes === null || bytes === 0) return bytes;
  let [value, unit] = [bytes, 0];
  while (value % 1024 === 0 && unit < binaryUnits.length - 1) [value, unit] = [value / 1024, unit + 1];
  return unit === 0 ? value : `${value}${binaryUnits[unit]}`;
}

function durationText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** A mode in quotes: as a number it would be read as decimal digits. */
function withMode<T extends { readonly mode: number | null }>({ mode, ...rest }: T): ManifestSpec {
  return { ...rest, mode: mode === null ? null : mode.toString(8).padStart(4, '0') };
}

// ---------------------------------------------------------------------------------------------------------------------- shape

function complete(_rest: Nothing, form: ManifestSpec): ManifestSpec {
  return form;
}

/** Without what is null, at every depth; maps of which nothing is left go too, but not the spec's own. */
function withoutNull(form: ManifestSpec): ManifestSpec {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => {
      const kept = prune(value);
      return kept === undefined ? [] : [[name, kept]];
    }),
  );
}

function prune(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(prune);
  if (typeof value !== 'object') return value;
  const kept = withoutNull(value as ManifestSpec);
  return Object.keys(kept).length === 0 && Object.keys(value).length > 0 ? undefined : kept;
}
