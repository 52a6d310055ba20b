/** A typed collection: its name in the environment. Values are JSON. */
export interface Collection<T> {
  readonly name: string;
  /** Carries the type only. */
  readonly sample?: T;
}

export interface Tx {
  get<T>(collection: Collection<T>, id: string): T | null;
  put<T>(collection: Collection<T>, id: string, value: T): void;
  delete<T>(collection: Collection<T>, id: string): void;
}

/** A value that failed its checksum or frame; it counts as absent. */
export interface Corrupt {
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
}

export interface Store {
  /** Synchronous, from the memory map: a decision sees one moment. */
  get<T>(collection: Collection<T>, id: string): T | null;
  /** In key order. */
  range<T>(collection: Collection<T>, from?: string): Iterable<readonly [string, T]>;
  /** All or nothing, also when `change` throws. Resolves when it is on disk. `change` is synchronous. */
  write<R>(change: (tx: Tx) => R): Promise<R>;
  readonly corrupt: readonly Corrupt[];
  /** Why the store of before was set aside at open, null if it was not. */
  readonly movedAside: { readonly path: string; readonly reason: string } | null;
  close(): Promise<void>;
}
