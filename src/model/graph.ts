import type { AnyResource, ResourceKey, SetId } from './resource.ts';

/** One source's objects and what may be done with those it no longer names. */
export interface SetState {
  readonly id: SetId;
  readonly revision: number;
  /** Every input was read and every document is valid or has a last good form. Nothing is pruned otherwise. */
  readonly complete: boolean;
  readonly prune: boolean;
  /** Objects of quarantined files or behind the mass-deletion guard: neither changed nor removed. */
  readonly held: ReadonlySet<ResourceKey>;
}

export interface DesiredGraph {
  readonly resources: ReadonlyMap<ResourceKey, AnyResource>;
  readonly sets: ReadonlyMap<SetId, SetState>;
  /** Used before user, then by key. */
  readonly order: readonly ResourceKey[];
}

export const emptyGraph: DesiredGraph = { resources: new Map(), sets: new Map(), order: [] };

/** What one source says at one moment: the unit that is accepted or refused. Documents are canonical, hashed and positioned (manifest/). */
export interface SourceSnapshot {
  readonly set: SetId;
  readonly documents: readonly AnyResource[];
  readonly complete: boolean;
  readonly prune: boolean;
  readonly held: ReadonlySet<ResourceKey>;
  /** State of each file, for `status`. */
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  readonly path: string;
  readonly state: 'ok' | 'quarantined' | 'ignored';
  /** One line with file:line:column. */
  readonly error: string | null;
}
