import type { DesiredGraph } from '../../model/graph.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Allocation, Reason, ResourceRecord } from '../../model/plan.ts';
import type { ResourceKey, SubjectKey } from '../../model/resource.ts';
import { allocateAddresses } from './addresses.ts';
import { allocateSubnets } from './subnets.ts';

export interface AllocateOptions {
  /** Of the engine; every link's name begins with it. */
  readonly prefix: string;
  /** CIDRs from which networks without a subnet of their own get a /24. */
  readonly pools: readonly string[];
}

/** 1,024 networks; a second range for hosts on which somebody else routes all of the first. */
export const defaultPools: readonly string[] = ['10.88.0.0/14', '172.28.0.0/14'];

/**
 * Gives every network its link and subnet and every slot its addresses. Keeps what records and running instances hold, hands out the rest in key order. Total while the
 * pools suffice; what gets nothing is in `missing` with the reason. What is held by something that is not desired any more stays taken until it is gone. Pure.
 */
export function allocate(
  desired: DesiredGraph,
  records: ReadonlyMap<ResourceKey, ResourceRecord>,
  observed: ObservedState,
  options: AllocateOptions,
): Allocation {
  const missing = new Map<SubjectKey, Reason>();
  const networks = allocateSubnets({ desired, records, observed, missing }, options);
  const slots = allocateAddresses({ desired, records, observed, missing }, networks);
  return { networks, slots, missing };
}
