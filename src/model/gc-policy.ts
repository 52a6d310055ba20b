/** When unused images and old revisions go: `EngineConfig.gc`. Shares are in [0, 1]. */
export interface GcPolicy {
  /** Share of the disk in use above which the daemon begins to collect. */
  readonly high: number;
  /** Share at which a collection ends. */
  readonly low: number;
  /** What came or was used within this time stays. */
  readonly minAgeMs: number;
  /** Revisions kept of each set, the present one included. */
  readonly keepRevisions: number;
}
