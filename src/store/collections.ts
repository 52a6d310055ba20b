import type { Event } from '../model/event.ts';
import type { SourceFile } from '../model/graph.ts';
import type { Operation } from '../model/operation.ts';
import type { Attempts, ResourceRecord } from '../model/plan.ts';
import type { AnyResource, Instant, ResourceKey, SetId } from '../model/resource.ts';
import type { Collection } from './store.ts';

/** Format of the whole store. A store written by a newer one is refused (DMN002), an older one would be migrated at open. */
export const storeFormat = 1;

/** What one source wants, as it was accepted last. */
export interface StoredSet {
  readonly id: SetId;
  readonly revision: number;
  readonly documents: readonly AnyResource[];
  readonly complete: boolean;
  readonly prune: boolean;
  /** Keys of quarantined files. */
  readonly held: readonly ResourceKey[];
  /** Keys the source no longer names and the mass-deletion guard keeps. */
  readonly guarded: readonly ResourceKey[];
  readonly files: readonly SourceFile[];
  readonly note: string | null;
}

/** A set's documents at one moment. */
export interface StoredRevision {
  readonly set: SetId;
  readonly revision: number;
  readonly at: Instant;
  readonly actor: string;
  readonly documents: readonly AnyResource[];
}

/** An action that began; its outcome removes the entry, so what is found at open was interrupted. */
export interface StoredIntent {
  readonly at: Instant;
  readonly subject: string;
  readonly verb: string;
  readonly reason: string;
}

/** Exits of one instance that are in the event log already, so that each is reported exactly once. */
export interface StoredExits {
  readonly key: ResourceKey;
  /** Wall clock of the last exits, newest last, bounded. */
  readonly at: readonly Instant[];
  readonly restarts: number;
}

/** How far the numbering of events has come. */
export interface EventCounter {
  readonly first: number;
  readonly last: number;
}

export interface EngineMeta {
  readonly format: number;
  /** Version of the program that wrote it last. */
  readonly writtenBy: string;
  readonly uid: string;
  readonly bootId: string;
}

export const sets: Collection<StoredSet> = { name: 'sets' };
export const records: Collection<ResourceRecord> = { name: 'records' };
export const revisions: Collection<StoredRevision> = { name: 'revisions' };
export const operations: Collection<Operation> = { name: 'operations' };
export const attempts: Collection<Attempts> = { name: 'attempts' };
export const intents: Collection<StoredIntent> = { name: 'intents' };
export const exits: Collection<StoredExits> = { name: 'exits' };
export const events: Collection<Event> = { name: 'events' };
export const eventCounter: Collection<EventCounter> = { name: 'event-counter' };
export const engineMeta: Collection<EngineMeta> = { name: 'meta' };

/** All of them: what is opened, walked and rescued. Images of the content store keep their own entries in `images`. */
export const collectionNames: readonly string[] = [
  'sets',
  'records',
  'revisions',
  'operations',
  'attempts',
  'intents',
  'exits',
  'events',
  'event-counter',
  'meta',
  'images',
];

/** Key of the one entry of `meta` and `event-counter`. */
export const singleton = 'engine';
