/** Which questions are asked of an instance, and what its answers have come to. How they are asked: `controllers/container/probes/`. */
import type { ImageHealthcheck } from './image-config.ts';
import type { InstanceId, Instant, ResourceKey } from './resource.ts';
import type { ContainerSpec, Healthcheck, Probe } from './spec.ts';

export type ProbeName = 'startup' | 'readiness' | 'liveness';

/** The probes of an instance. */
export interface Probes {
  readonly startup: Probe | null;
  readonly readiness: Probe | null;
  readonly liveness: Probe | null;
  /** What follows when startup fails as often as it may: the process is ended, or the other probes go on as if it had succeeded (start period of a HEALTHCHECK). */
  readonly startupFailed: 'restart' | 'go-on';
}

/** What the probes say of one run of a process: all that is kept of them, also for the next engine. */
export interface ProbeVerdict {
  /** The run it is about; that of another says nothing. */
  readonly startedAt: Instant;
  /** Startup has succeeded, or there is none: it is not asked again in this run. */
  readonly started: boolean;
  readonly ready: boolean;
  /** When it became ready, for the first time or again. */
  readonly readyAt: Instant | null;
  /** It was ready before. */
  readonly wasReady: boolean;
  /** The last failure of the probe that holds it back; `final`: it has failed as often as it may. */
  readonly failing: { readonly probe: ProbeName; readonly message: string; readonly final: boolean } | null;
  /** Its process must end because of this probe. */
  readonly condemned: { readonly probe: ProbeName; readonly message: string } | null;
}

/** Docker's defaults of HEALTHCHECK. */
const healthcheckDefaults = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5_000, retries: 3 };

/**
 * The probes a container has, from its manifest and the HEALTHCHECK of its image; null when it has none. A readiness probe of the manifest stands instead of any health check.
 * The same arguments give the same object. Pure.
 */
export function probesOf(spec: ContainerSpec, image: ImageHealthcheck | null): Probes | null {
  const known = remembered.get(spec);
  if (known !== undefined && known.image === image) return known.probes;
  const probes = combine(spec, image);
  remembered.set(spec, { image, probes });
  return probes;
}

/** Whether a container is ready only when a probe says so. */
export function gatesReady(probes: Probes | null): boolean {
  return probes !== null && (probes.startup !== null || probes.readiness !== null);
}

/** A spec never changes, and each look at the world asks again. */
const remembered = new WeakMap<ContainerSpec, { readonly image: ImageHealthcheck | null; readonly probes: Probes | null }>();

function combine(spec: ContainerSpec, image: ImageHealthcheck | null): Probes | null {
  // A document that was accepted before there were probes has none of these fields.
  const { startupProbe: startup = null, readinessProbe: readiness = null, livenessProbe: liveness = null, healthcheck = null } = spec;
  const own: Probes = { startup, readiness, liveness, startupFailed: 'restart' };
  const check = readiness === null ? healthProbes(healthcheck, image) : null;
  if (check === null) return startup === null && readiness === null && liveness === null ? null : own;
  return {
    startup: startup ?? check.startup,
    readiness: check.readiness,
    liveness: liveness ?? check.liveness,
    startupFailed: startup === null ? 'go-on' : 'restart',
  };
}

/** Readiness; liveness too where a failure is to restart it; the start period as a startup probe that holds nobody to it. */
function healthProbes(given: Healthcheck | null, image: ImageHealthcheck | null): Omit<Probes, 'startupFailed'> | null {
  const command = given?.test ?? image?.command ?? null;
  if (command === null || given?.disable === true) return null;
  const value = (name: keyof typeof healthcheckDefaults): number => given?.[name] ?? image?.[name] ?? healthcheckDefaults[name];
  const readiness: Probe = {
    check: { type: 'exec', command },
    initialDelayMs: 0,
    periodMs: value('intervalMs'),
    timeoutMs: value('timeoutMs'),
    successThreshold: 1,
    failureThreshold: value('retries'),
    graceMs: null,
  };
  const periodMs = value('startIntervalMs');
  const startup =
    value('startPeriodMs') === 0 ? null : { ...readiness, periodMs, failureThreshold: Math.ceil(value('startPeriodMs') / periodMs) };
  return { startup, readiness, liveness: given?.restart === true ? readiness : null };
}

/** A run of a process that is to be asked. */
export interface ProbeTarget {
  readonly key: ResourceKey<'Container'>;
  readonly instance: InstanceId;
  readonly startedAt: Instant;
  readonly probes: Probes;
  /** Where its ports are; null: it has no network, and none of its probes needs one. */
  readonly host: string | null;
  /** Whether what a command prints may be kept: not where a Secret could be in it. */
  readonly keepsOutput: boolean;
}
