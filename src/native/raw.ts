/** The addon as it is. Only files of this folder see it. Texts are JSON; what is thrown goes through `nativeError`. */
export interface RawAddon {
  abiVersion(): number;
  probeHost(): string;
  lockFile(path: string): RawLock | null;
  resizeTerminal(descriptor: number, cols: number, rows: number): void;
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
