import type { Digest } from './reference.ts';

/** What an image says about running it. Data only: nothing here configures the engine. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly stopSignal: string | null;
  readonly volumes: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImageLayer {
  readonly diffId: Digest;
  /** Absolute directory of the unpacked tree. */
  readonly directory: string;
}
