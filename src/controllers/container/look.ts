import type { Endpoint, ObservedContainer, ObservedInstance } from '../../model/observed.ts';
import type { ProbeVerdict } from '../../model/probes.ts';
import type { ResourceKey } from '../../model/resource.ts';
import type { InstanceStatus, NetState } from '../../native/index.ts';
import { type InstanceIdentity, parseIdentity } from './instance.ts';
import { portClaim } from './steps.ts';

/** What a supervisor was told after its instance was made; the identity stays that of the beginning. */
export interface Told {
  readonly updateHash: string;
  readonly stopSignal: string;
  readonly graceMs: number;
}

/** An instance with the identity it carries. */
export interface Found {
  readonly identity: InstanceIdentity;
  readonly observed: ObservedInstance;
}

/** What a status says; null for one whose identity cannot be read. `probes`: what they say of its present run. Pure. */
export function foundInstance(status: InstanceStatus, told: Told | null, probes: ProbeVerdict | null): Found | null {
  const identity = parseIdentity(status.identity);
  if (identity === null) return null;
  const observed: ObservedInstance = {
    slot: identity.slot,
    instance: status.id,
    phase: status.phase,
    process: status.process,
    supervised: status.supervisorPid !== null,
    restarts: status.restarts,
    attempts: status.attempts,
    nextTry: status.nextTryMs,
    exit: status.exit === null ? null : { code: status.exit.code, signal: status.exit.signal, oom: status.exit.oom, at: status.exit.atMs },
    stoppedBy: status.stoppedBy,
    since: status.sinceMs,
    startedAt: status.startedMs,
    error: status.error,
    warnings: status.warnings,
    specHash: identity.specHash,
    replaceHash: identity.replaceHash,
    updateHash: told?.updateHash ?? identity.updateHash,
    imageConfig: identity.image.configDigest,
    imageRef: identity.image.ref,
    stopSignal: told?.stopSignal ?? identity.stopSignal,
    graceMs: told?.graceMs ?? identity.graceMs,
    address: identity.address,
    ports: identity.ports,
    uses: identity.uses,
    content: identity.content,
    environment: identity.environment ?? {},
    imageHealthcheck: identity.image.healthcheck ?? null,
    probes: probes !== null && probes.startedAt === status.startedMs ? probes : null,
  };
  return { identity, observed };
}

/**
 * A container from its instances and its published ports. Ports that outlived their instances are seen too, so that they can be taken back; then nothing carries an identity
 * but the owner's key, and the engine's record has to know the rest. Pure.
 */
export function observedContainer(key: ResourceKey<'Container'>, found: readonly Found[], state: NetState): ObservedContainer {
  const own = found.filter((instance) => instance.identity.key === key);
  const newest = [...own].sort((a, b) => b.observed.since - a.observed.since)[0]?.identity;
  const published = state.published.filter((port) => port.owner === key).map(endpointOf);
  return {
    kind: 'Container',
    key,
    identity: {
      uid: newest?.uid ?? '',
      set: newest?.set ?? '',
      specHash: newest?.specHash ?? '',
      schemaVersion: newest?.schemaVersion ?? 0,
    },
    uses: [...new Set(own.flatMap((instance) => instance.identity.uses))].sort(),
    claims: [...new Set([...own.flatMap((instance) => instance.identity.claims), ...published.map(portClaim)])].sort(),
    slots: own.map((instance) => instance.observed),
    published,
    reserved: state.reserved.filter((port) => port.owner === key).map(endpointOf),
  };
}

function endpointOf(port: NetState['published'][number]): Endpoint {
  return {
    protocol: port.protocol,
    hostIP: port.hostIP === '0.0.0.0' ? null : port.hostIP,
    hostPort: port.hostPort,
    address: port.address,
    containerPort: port.containerPort,
  };
}
