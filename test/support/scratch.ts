import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory of the test's own, gone when the test ends. `/dev/shm` is in memory, `/var/tmp` on a disk. */
export function scratch(parent = tmpdir()): string {
  const path = mkdtempSync(join(parent, 'tsdock-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
