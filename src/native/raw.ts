/** The addon as it is. Only files of this folder see it. Texts are JSON; what is thrown goes through `nativeError`. */
export interface RawAddon {
  abiVersion(): number;
  probeHost(): string;
  lockFile(path: string): RawLock | null;
  resizeTerminal(descriptor: number, cols: number, rows: number): void;
  syncTree(path: string): Promise<string>;
  removeTree(path: string): Promise<string>;
  treeUsage(path: string): Promise<string>;
  readonly RawNet: new (prefix: string, onEvent: (event: string) => void) => RawNet;
  readonly RawSink: new (options: string) => RawSink;
  readonly Engine: new (options: string, onEvent: (event: string) => void) => RawEngine;
}

export interface RawLock {
  release(): void;
}

export interface RawEngine {
  /** Resolves with `{"ok"}` or `{"error"}`. */
  create(spec: string, start: boolean): Promise<string>;
  /** As `create`. */
  request(id: string, request: string): Promise<string>;
  storedStatus(id: string): string | null;
  close(): void;
}

export interface RawNet {
  /** As `RawEngine.request`. */
  request(request: string): Promise<string>;
  close(): void;
}

export interface RawSink {
  /** False: wait for `room` before the next chunk. */
  push(chunk: Uint8Array): boolean;
  room(): Promise<string>;
  end(): Promise<string>;
  abort(): Promise<string>;
}
