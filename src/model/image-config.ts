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
  readonly healthcheck: ImageHealthcheck | null;
}

/** HEALTHCHECK of an image: what to run in the container, and as far as it says, how often. */
export interface ImageHealthcheck {
  readonly command: readonly string[];
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly startPeriodMs: number | null;
  readonly startIntervalMs: number | null;
  readonly retries: number | null;
}

export interface ImageLayer {
  readonly diffId: Digest;
  /** Absolute directory of the unpacked tree. */
  readonly directory: string;
}
