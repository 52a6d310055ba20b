import type { Endpoint, Exit, ObservedContainer, ObservedInstance } from '../../model/observed.ts';
import type { Claim, ContainerCreateInput, ContainerInput, Reason, Step } from '../../model/plan.ts';
import type { Instant } from '../../model/resource.ts';
import type { ContainerSpec } from '../../model/spec.ts';
import type { Verdict } from '../controller.ts';
import { claimsOf } from './needs.ts';
import { signalName } from './signals.ts';

type ContainerStep = Step<'Container'>;

export function changing(steps: readonly ContainerStep[]): Verdict<'Container'> {
  return { is: 'changing', steps };
}

export function createStep(input: ContainerCreateInput, reason: Reason): ContainerStep {
  const addresses = input.networks.map((network) => [network.key, network.address] as const);
  return { ...step('up', { verb: 'create', create: input }, reason), acquires: claimsOf(addresses, input.writes) };
}

export function startStep(instance: string, reason: Reason): ContainerStep {
  return step('up', { verb: 'start', instance }, reason);
}

export function updateStep(input: Omit<Extract<ContainerInput, { readonly verb: 'update' }>, 'verb'>, reason: Reason): ContainerStep {
  return step('up', { verb: 'update', ...input }, reason);
}

/** `spec` null: the manifest is gone and it is stopped as it was told last. A new grace holds at once, an old image's signal until it is replaced. */
export function stopStep(spec: ContainerSpec | null, instance: ObservedInstance, by: 'user' | 'engine', reason: Reason): ContainerStep {
  const signal = spec?.stopSignal ?? instance.stopSignal;
  const graceMs = spec?.gracePeriodMs ?? instance.graceMs;
  return step('down', { verb: 'stop', instance: instance.instance, by, signal, graceMs }, reason);
}

/** Of an instance that a probe has condemned; its time to end is the probe's, else the container's. */
export function restartStep(
  spec: ContainerSpec,
  instance: ObservedInstance,
  startedAt: Instant,
  graceMs: number | null,
  reason: Reason,
): ContainerStep {
  const signal = spec.stopSignal ?? instance.stopSignal;
  return step('down', { verb: 'restart', instance: instance.instance, startedAt, signal, graceMs: graceMs ?? spec.gracePeriodMs }, reason);
}

/** How an instance goes. `spec` null: its manifest is gone. `keepLogs`: how many log directories of its slot stay, its own included. */
export interface Leave {
  readonly spec: ContainerSpec | null;
  readonly reason: Reason;
  readonly keepLogs: number;
}

/** Stop if anything runs, then remove. */
export function downSteps(observed: Pick<ObservedContainer, 'claims'>, instance: ObservedInstance, leave: Leave): readonly ContainerStep[] {
  const { spec, reason, keepLogs } = leave;
  const stop = isLive(instance) || instance.phase === 'stopping' ? [stopStep(spec, instance, 'engine', reason)] : [];
  const remove = step('down', { verb: 'remove', instance: instance.instance, keepLogs }, reason);
  return [...stop, { ...remove, releases: heldBy(observed.claims, instance) }];
}

/** Of the fetch phase: nothing is taken down before it has ended. */
export function reserveStep(endpoints: readonly Endpoint[], reason: Reason): ContainerStep {
  return step('fetch', { verb: 'reserve', endpoints }, reason);
}

export function unreserveStep(reason: Reason): ContainerStep {
  return step('down', { verb: 'reserve', endpoints: [] }, reason);
}

export function publishStep(
  wanted: readonly Endpoint[],
  moved: { readonly added: readonly Endpoint[]; readonly gone: readonly Endpoint[] },
  reason: Reason,
): ContainerStep {
  return {
    ...step(moved.added.length > 0 ? 'up' : 'down', { verb: 'publish', endpoints: wanted }, reason),
    acquires: moved.added.map(portClaim),
    releases: moved.gone.map(portClaim),
  };
}

/** What a published port keeps others from: `port:tcp:0.0.0.0:8080`. */
export function portClaim(endpoint: Endpoint): Claim {
  return `port:${endpoint.protocol}:${endpoint.hostIP ?? '0.0.0.0'}:${endpoint.hostPort}`;
}

/** Its process runs, or its supervisor is about to start it again. */
export function isLive(instance: ObservedInstance): boolean {
  return instance.phase === 'running' || instance.phase === 'backoff';
}

/** `exit 1`, `ended by SIGKILL (out of memory)`, for reasons. */
export function describeExit(exit: Exit | null, stoppedBy: ObservedInstance['stoppedBy']): string {
  if (stoppedBy === 'user') return 'a person had stopped it';
  if (exit === null) return 'it does not run';
  const memory = exit.oom ? ' (out of memory)' : '';
  return exit.signal === null ? `exit ${exit.code ?? 'unknown'}${memory}` : `ended by ${signalName(exit.signal)}${memory}`;
}

function heldBy(claims: readonly Claim[], instance: ObservedInstance): readonly Claim[] {
  return claims.filter(
    (claim) =>
      claim.startsWith('writer:') || (instance.address !== null && claim.startsWith('address:') && claim.endsWith(`:${instance.address}`)),
  );
}

function step(phase: ContainerStep['phase'], input: ContainerInput, reason: Reason): ContainerStep {
  return { verb: input.verb, phase, input, reason, acquires: [], releases: [] };
}
