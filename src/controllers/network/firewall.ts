import type { Endpoint, ObservedContainer } from '../../model/observed.ts';
import type { SlotLease } from '../../model/plan.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';

/**
 * Ports a container should have published. A host port leads to one slot: the one that has it as long as that runs, else the first that runs, else the first, whose
 * instance is about to come. Addresses belong to slots, so a restart or a replacement changes nothing here. Empty without a lease. Pure.
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
  const running = (observed?.slots ?? [])
    .filter((instance) => (instance.phase === 'running' || instance.phase === 'backoff') && instance.slot <= desired.spec.replicas)
    .map((instance) => instance.slot)
    .sort((a, b) => a - b);
  const published = new Set((observed?.published ?? []).map((endpoint) => endpoint.address));
  return running.find((slot) => published.has(addressOf(slot, network, leaseOf) ?? '')) ?? running[0] ?? 1;
}

function addressOf(slot: number, network: ResourceKey, leaseOf: (slot: number) => SlotLease | null): string | null {
  return leaseOf(slot)?.addresses[network] ?? null;
}
