/** The addon as it is; made by the build from `crates/addon`. Only files of this folder see it. Texts are JSON; what is thrown goes through `nativeError`. */

/** The thread and its connections. Dropped or closed: containers, supervisors and the zygote go on. */
export declare class Engine {
  /** `options`: JSON of `{runDir, prefix, helper}`. `on_event` gets JSON texts and does not keep the process alive. */
  constructor(options: string, onEvent: (arg: string) => void)
  /** Creates an instance of a JSON spec. Resolves with `{"ok"}` or `{"error"}`. */
  create(spec: string, start: boolean): Promise<string>
  /** One request to the supervisor of `id`. */
  request(id: string, request: string): Promise<string>
  /** The last status of an instance whose supervisor does not answer, as JSON; `null`: no such instance. */
  storedStatus(id: string): string | null
  /** Ends the thread; open requests fail. */
  close(): void
}

/** An OFD lock: it goes with the process, whatever ends it. */
export declare class FileLock {
  release(): void
}

/** The two threads. Dropped or closed: bridges, table and network process stay. */
export declare class RawNet {
  /** `options`: JSON of `{runDir, prefix, helper}`. `on_event` gets JSON texts of `link` and `table` events and does not keep the process alive. */
  constructor(options: string, onEvent: (arg: string) => void)
  /** Resolves with `{"ok"}` or `{"error"}`. Requests are worked off in order. */
  request(request: string): Promise<string>
  /** Ends the threads after the requests that wait. */
  close(): void
}

/** One layer. Collected by JavaScript without `end`: aborted. */
export declare class RawSink {
  /** `options`: JSON of `LayerOptions`. */
  constructor(options: string)
  /** Copies the chunk. True: there is room for another one; false: `room` tells when. */
  push(chunk: Uint8Array): boolean
  room(): Promise<string>
  end(): Promise<string>
  abort(): Promise<string>
}

export declare function abiVersion(): number

/** Two trees of one filesystem change places in one step. */
export declare function exchangeTrees(left: string, right: string): Promise<string>

/** `names`: directories that `path` implies, one character a byte; `lower`: trees, nearest first. */
export declare function inheritDirectories(path: string, lower: Array<string>, names: Array<string>): Promise<string>

/** Takes the lock on `path`, made 0600 if absent; `null` when another process holds it. The file then says `pid startTime` of this process. */
export declare function lockFile(path: string): FileLock | null

/** `HostInfo` as JSON. */
export declare function probeHost(): string

/** Removes a tree; absent: success. */
export declare function removeTree(path: string): Promise<string>

/** Sets the size of a terminal by its master. */
export declare function resizeTerminal(descriptor: number, cols: number, rows: number): void

/** Flushes the filesystem that holds `path`. */
export declare function syncTree(path: string): Promise<string>

/** Lines that say where `found` is not as `expected`; none: the same tree. */
export declare function treeDifferences(expected: string, found: string): Promise<string>

/** `{bytes, inodes}` of a tree. */
export declare function treeUsage(path: string): Promise<string>
