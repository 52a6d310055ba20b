import type { Instant, ResourceKey } from './resource.ts';

export type EventReason =
  | 'Applied'
  | 'Pruned'
  | 'Deleted'
  | 'ActionStarted'
  | 'ActionDone'
  | 'ActionFailed'
  | 'ActionCancelled'
  | 'Started'
  | 'Exited'
  | 'Restarted'
  | 'OOMKilled'
  | 'ProbeFailing'
  | 'Recovered'
  | 'BackOff'
  | 'Repaired'
  | 'Adopted'
  | 'Quarantined'
  | 'Released'
  | 'SourceMissing'
  | 'PruneHeld'
  | 'StateMovedAside'
  | 'EngineStarted'
  | 'EngineStopped'
  | 'Pulled'
  | 'StopRequested'
  | 'StartRequested'
  | 'RestartRequested'
  | 'SupervisorLost'
  | 'Collected'
  | 'DiskPressure';

/** One entry of the ordered log, which is also the audit trail. `sequence` has no gaps. */
export interface Event {
  readonly sequence: number;
  readonly at: Instant;
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly object: ResourceKey | null;
  readonly generation: number | null;
  readonly message: string;
  /** Who asked: `cli`, `api`, `dir:/…`, `engine`. */
  readonly actor: string;
}

export type NewEvent = Omit<Event, 'sequence' | 'at'>;
