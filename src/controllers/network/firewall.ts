import type { Endpoint, ObservedContainer, ObservedInstance } from '../../model/observed.ts';
import type { SlotLease } from '../../model/plan.ts';
import { gatesReady, probesOf } from '../../model/probes.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';

/**
 * Ports a container should have published. A host port leads to one slot: the one that has it as long as that runs, else the first that runs, else the first, whose
 * instance is about to come. One that runs and is ready goes before any that is not; where none is, the port stays where it is rather than being closed. Addresses belong to slots, so a restart or a replacement changes nothing here. Empty without a lease. Pure.
 */
export function endpointsFor(
  desired: Resource<'Container'>,
  observed: ObservedContainer | null,
  leaseOf: (slot: number) => SlotLease | null,
): readonly Endpoint[] {
  const network = desired.spec.networkMode === 'bridge' ? desired.spec.networks[0]?.network : undefined;
  if (network === undefined || desired.spec.state === 'Stopped') return [];
  const address = addressOf(holderOf(desired, observed, network, leaseOf), network, leaseOf);
  if (address === null) return [];
  return desired.spec.ports.flatMap(({ protocol, hostIP, hostPort, containerPort }): readonly Endpoint[] =>
    hostPort === null ? [] : [{ protocol, hostIP: hostIP === '0.0.0.0' ? null : hostIP, hostPort, address, containerPort }],
  );
}

function holderOf(
  desired: Resource<'Container'>,
  observed: ObservedContainer | null,
  network: ResourceKey,
  leaseOf: (slot: number) => SlotLease | null,
): number {
  const live = (observed?.slots ?? [])
    .filter((instance) => (instance.phase === 'running' || instance.phase === 'backoff') && instance.slot <= desired.spec.replicas)
    .sort((a, b) => a.slot - b.slot);
  const ready = live.filter((instance) => isReady(instance, desired));
  const running = (ready.length > 0 ? ready : live).map((instance) => instance.slot);
  const published = new Set((observed?.published ?? []).map((endpoint) => endpoint.address));
  return running.find((slot) => published.has(addressOf(slot, network, leaseOf) ?? '')) ?? running[0] ?? 1;
}

/** Without probes that could say otherwise nobody knows, and all are alike. */
function isReady(instance: ObservedInstance, desired: Resource<'Container'>): boolean {
  if (!gatesReady(probesOf(desired.spec, instance.imageHealthcheck))) return true;
  return instance.phase === 'running' && instance.probes?.ready === true;
}

function addressOf(slot: number, network: ResourceKey, leaseOf: (slot: number) => SlotLease | null): string | null {
  return leaseOf(slot)?.addresses[network] ?? null;
}
